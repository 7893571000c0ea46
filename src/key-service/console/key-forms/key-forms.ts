import { Injectable } from '@nestjs/common';
import type { ProblemError } from '../../../lib/http/problem-error.js';
import { KeyLists } from '../../keys/lists/key-lists.js';
import { ServicesService } from '../../services/services.service.js';
import type { KeyFormState } from './key-form.js';

/** Fills forms about keys with what there is to choose from. */
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
