import { Injectable } from '@nestjs/common';
import type { ProblemError } from '../../../lib/http/problem-error.js';
import { KeyLists } from '../../keys/lists/key-lists.js';
import { ServicesService } from '../../services/services.service.js';
import type { KeyFormState } from './key-form.js';

/** Collects the choices that forms about keys offer. */
@Injectable()
export class KeyForms {
  constructor(
    private readonly services: ServicesService,
    private readonly lists: KeyLists,
  ) {}

  async state(values: URLSearchParams, problem?: ProblemError): Promise<KeyFormState> {
    const services = await this.services.list();
    return {
      values,
      services: services.map(({ service_id }) => service_id),
      owners: await this.lists.owners(),
      ...(problem && { problem }),
    };
  }
}
