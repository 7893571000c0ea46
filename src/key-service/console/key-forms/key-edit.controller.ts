import { Controller, Get, Post, Req, Res } from '@nestjs/common';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { ProblemError } from '../../../lib/http/problem-error.js';
import { sendPage, sendSeeOther } from '../../../platform/browser/page-response.js';
import { CurrentActor } from '../../admin-auth/current-actor.decorator.js';
import type { Actor } from '../../audit/audit-writer.js';
import { toResource } from '../../keys/key-resource.js';
import { editOf } from '../../keys/key-spec.js';
import { KeysService } from '../../keys/keys.service.js';
import { KeyId } from '../../request-fields/key-id.decorator.js';
import { CONSOLE_KEYS } from '../frame/console-paths.js';
import { ConsolePages, formOf, nameOf } from '../sign-in/console-requests.js';
import { fieldsOfEdit, valuesOf, versionOf } from './key-form-fields.js';
import { editPage } from './key-form.pages.js';
import { KeyForms } from './key-forms.js';

/** Changes what a key is and may do. */
@Controller(`${CONSOLE_KEYS}/:id/edit`)
@ConsolePages()
export class KeyEditController {
  constructor(
    private readonly keys: KeysService,
    private readonly forms: KeyForms,
  ) {}

  @Get()
  async form(
    @CurrentActor() actor: Actor,
    @KeyId() id: string,
    @Res() response: ServerResponse,
  ): Promise<void> {
    await this.show(response, actor, id);
  }

  @Post()
  async save(
    @CurrentActor() actor: Actor,
    @KeyId() id: string,
    @Req() request: IncomingMessage,
    @Res() response: ServerResponse,
  ): Promise<void> {
    const form = await formOf(request);
    const key = toResource(await this.keys.get(id), this.keys.now());
    if (form.get('version') !== versionOf(key)) return this.show(response, actor, id, changedMeanwhile());
    try {
      await this.keys.update(actor, id, editOf(fieldsOfEdit(form, key)));
    } catch (error) {
      if (!(error instanceof ProblemError) || error.status >= 500) throw error;
      return this.show(response, actor, id, error, form);
    }
    sendSeeOther(response, `${CONSOLE_KEYS}/${id}`);
  }

  private async show(
    response: ServerResponse,
    actor: Actor,
    id: string,
    problem?: ProblemError,
    sent?: URLSearchParams,
  ): Promise<void> {
    const key = toResource(await this.keys.get(id), this.keys.now());
    const state = await this.forms.state(sent ?? valuesOf(key), problem);
    sendPage(response, editPage(nameOf(actor), key, versionOf(key), state));
  }
}

function changedMeanwhile(): ProblemError {
  return new ProblemError('conflict', {
    message:
      'Somebody has changed the key since this form was opened. It shows the key as it is now: make your changes again.',
    reason: 'key-form-outdated',
  });
}
