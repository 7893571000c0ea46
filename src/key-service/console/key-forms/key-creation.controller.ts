import { Controller, Get, Post, Req, Res } from '@nestjs/common';
import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { ProblemError } from '../../../lib/http/problem-error.js';
import { isUuid } from '../../../lib/uuid.js';
import { sendPage, type Page } from '../../../platform/browser/page-response.js';
import { CurrentActor } from '../../admin-auth/current-actor.decorator.js';
import type { Actor } from '../../audit/audit-writer.js';
import { toResource } from '../../keys/key-resource.js';
import type { KeySpec } from '../../keys/key-issuer.js';
import { specOf } from '../../keys/key-spec.js';
import { RotateKeyFields } from '../../keys/keys.fields.js';
import { KeysService } from '../../keys/keys.service.js';
import { RotationService } from '../../keys/rotation.service.js';
import { KeyId } from '../../request-fields/key-id.decorator.js';
import { invalidFields, parseFields } from '../../request-fields/parse-fields.js';
import { rotatePage, shownOncePage } from './new-key.pages.js';
import { CONSOLE_KEYS } from '../frame/console-paths.js';
import { ConsolePages, formOf, nameOf } from '../sign-in/console-requests.js';
import { fieldsOfNewKey, valuesOfNewKey } from './key-form-fields.js';
import { createPage } from './key-form.pages.js';
import { KeyForms } from './key-forms.js';
import { keySummaryPage } from './key-summary.page.js';

/** A key as a form asks for it. */
interface WantedKey {
  readonly form: URLSearchParams;
  readonly id: string;
  readonly spec: KeySpec;
  readonly now: string;
}

/** Creates or rotates a key. Only the page of the result shows the new key. */
@Controller(CONSOLE_KEYS)
@ConsolePages()
export class KeyCreationController {
  constructor(
    private readonly keys: KeysService,
    private readonly rotations: RotationService,
    private readonly forms: KeyForms,
  ) {}

  @Get('new')
  async form(@CurrentActor() actor: Actor, @Res() response: ServerResponse): Promise<void> {
    const state = await this.forms.state(valuesOfNewKey(randomUUID()));
    sendPage(response, createPage(nameOf(actor), state));
  }

  /** Shows what the key will be, before it is created. */
  @Post('new/summary')
  async summary(
    @CurrentActor() actor: Actor,
    @Req() request: IncomingMessage,
    @Res() response: ServerResponse,
  ): Promise<void> {
    await this.orFormAgain(actor, request, response, async ({ form, id, spec, now }) => {
      await this.keys.requireSpec(spec, id);
      return keySummaryPage(nameOf(actor), { spec, form, now });
    });
  }

  /** The form again, as it was filled in. */
  @Post('new/form')
  async formAgain(
    @CurrentActor() actor: Actor,
    @Req() request: IncomingMessage,
    @Res() response: ServerResponse,
  ): Promise<void> {
    sendPage(response, createPage(nameOf(actor), await this.forms.state(await formOf(request))));
  }

  @Post('new')
  async create(
    @CurrentActor() actor: Actor,
    @Req() request: IncomingMessage,
    @Res() response: ServerResponse,
  ): Promise<void> {
    await this.orFormAgain(actor, request, response, async ({ id, spec }) => {
      const { record, apiKey } = await this.keys.create(actor, spec, id);
      return shownOncePage(nameOf(actor), record.id, apiKey);
    });
  }

  @Get(':id/rotate')
  async askRotate(
    @CurrentActor() actor: Actor,
    @KeyId() id: string,
    @Res() response: ServerResponse,
  ): Promise<void> {
    sendPage(response, rotatePage(nameOf(actor), toResource(await this.keys.get(id), this.keys.now())));
  }

  @Post(':id/rotate')
  async rotate(
    @CurrentActor() actor: Actor,
    @KeyId() id: string,
    @Req() request: IncomingMessage,
    @Res() response: ServerResponse,
  ): Promise<void> {
    const overlap = Number((await formOf(request)).get('overlap_seconds'));
    const { overlap_seconds } = parseFields({ overlap_seconds: overlap }, RotateKeyFields);
    const { successor, apiKey } = await this.rotations.rotate(actor, id, overlap_seconds);
    sendPage(response, shownOncePage(nameOf(actor), successor.id, apiKey));
  }

  /** The next page, or the form with what is wrong in it. */
  private async orFormAgain(
    actor: Actor,
    request: IncomingMessage,
    response: ServerResponse,
    next: (wanted: WantedKey) => Promise<Page>,
  ): Promise<void> {
    const form = await formOf(request);
    const id = form.get('id') ?? '';
    if (!isUuid(id))
      throw invalidFields([
        { field: 'id', message: 'must be the id that the form contains: open the form again' },
      ]);
    const now = this.keys.now();
    try {
      const spec = specOf(fieldsOfNewKey(form), Date.parse(now));
      sendPage(response, await next({ form, id: id.toLowerCase(), spec, now }));
    } catch (error) {
      if (!(error instanceof ProblemError) || error.problem !== 'invalid-fields') throw error;
      sendPage(response, createPage(nameOf(actor), await this.forms.state(form, error)));
    }
  }
}
