import { Controller, Get, Post, Req, Res } from '@nestjs/common';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { MAX_OVERLAP_SECONDS, type KeyResource } from '../../../contracts/keys/key-management.js';
import { DAY_MS } from '../../../lib/durations.js';
import { ProblemError } from '../../../lib/http/problem-error.js';
import { isUuid } from '../../../lib/uuid.js';
import { sendPage, sendSeeOther } from '../../../platform/browser/page-response.js';
import { CurrentActor } from '../../admin-auth/current-actor.decorator.js';
import type { Actor } from '../../audit/audit-writer.js';
import { KeyRevocations } from '../../keys/ends/key-revocations.js';
import { toResource } from '../../keys/key-resource.js';
import { KeysService } from '../../keys/keys.service.js';
import { KeyId } from '../../request-fields/key-id.decorator.js';
import { invalidFields } from '../../request-fields/parse-fields.js';
import { UsageService } from '../../usage/usage.service.js';
import { CONSOLE_KEYS } from '../frame/console-paths.js';
import { ConsolePages, formOf, nameOf, queryOf } from '../sign-in/console-requests.js';
import { endOverlapPage } from './end-overlap.page.js';
import { KeyUses } from './key-uses.js';
import { isOverlapping, isQuiet } from './overlap.js';

/** Extends or ends the overlap of an old key with its successor. */
@Controller(`${CONSOLE_KEYS}/:id/overlap`)
@ConsolePages()
export class OverlapController {
  constructor(
    private readonly keys: KeysService,
    private readonly revocations: KeyRevocations,
    private readonly uses: KeyUses,
    private readonly usage: UsageService,
  ) {}

  /** Asks for confirmation before a key that is in use is ended. */
  @Get()
  async ask(
    @CurrentActor() actor: Actor,
    @KeyId() id: string,
    @Req() request: IncomingMessage,
    @Res() response: ServerResponse,
  ): Promise<void> {
    const key = await this.overlapping(id);
    const now = this.keys.now();
    const since = new Date(Date.parse(now) - DAY_MS).toISOString();
    const [uses, addresses] = await Promise.all([
      this.uses.of([key]),
      this.usage.lastUsedBy({ from: since }, id),
    ]);
    const view = {
      ...{ key, use: uses.get(id), now, back: backIn(queryOf(request), id) },
      addresses: addresses.map(({ address }) => address),
    };
    sendPage(response, endOverlapPage(nameOf(actor), view));
  }

  @Post()
  async change(
    @CurrentActor() actor: Actor,
    @KeyId() id: string,
    @Req() request: IncomingMessage,
    @Res() response: ServerResponse,
  ): Promise<void> {
    const form = await formOf(request);
    const days = form.get('days') ?? '';
    if (!/^\d{1,2}$/.test(days))
      throw invalidFields([{ field: 'days', message: 'must be a number of days' }]);
    const key = await this.overlapping(id);
    const back = backIn(form, id);
    if (days === '0') {
      const use = (await this.uses.of([key])).get(id);
      // This also covers a use after the page was shown.
      if (!isQuiet(use?.at, this.keys.now()) && form.get('confirmed') !== 'yes')
        return sendSeeOther(response, `${CONSOLE_KEYS}/${id}/overlap?back=${back}`);
      await this.revocations.revoke(actor, id, 'The overlap of its rotation was ended');
    } else {
      await this.keys.update(actor, id, { expiresAt: await this.laterEnd(key, Number(days)) });
    }
    sendSeeOther(response, `${CONSOLE_KEYS}/${back}`);
  }

  /** @throws ProblemError 404; 409 for a key without an overlap */
  private async overlapping(id: string): Promise<KeyResource> {
    const key = toResource(await this.keys.get(id), this.keys.now());
    if (isOverlapping(key)) return key;
    throw new ProblemError('conflict', {
      message: 'There is no overlap to end: the key was not rotated, or it has ended already.',
      reason: 'key-without-overlap',
    });
  }

  /** The requested extension, but no later than the latest end that a rotation allows. */
  private async laterEnd(key: KeyResource, days: number): Promise<string> {
    const now = Date.parse(this.keys.now());
    const successor = await this.keys.get(key.rotated_to_id as string);
    const ends = [
      Date.parse(key.expires_at ?? this.keys.now()) + days * DAY_MS,
      now + MAX_OVERLAP_SECONDS * 1000,
      ...(successor.expiresAt === null ? [] : [Date.parse(successor.expiresAt)]),
    ];
    return new Date(Math.min(...ends)).toISOString();
  }
}

/** The key whose page has the form: the old key or its successor. */
function backIn(values: URLSearchParams, id: string): string {
  const back = values.get('back') ?? '';
  return isUuid(back) ? back : id;
}
