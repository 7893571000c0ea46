import { Controller, Get, Post, Req, Res } from '@nestjs/common';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { MAX_REVOKED_KEYS, type KeyResource } from '../../../contracts/keys/key-management.js';
import { DAY_MS } from '../../../lib/durations.js';
import { isUuid } from '../../../lib/uuid.js';
import { sendPage, sendSeeOther } from '../../../platform/browser/page-response.js';
import { CurrentActor } from '../../admin-auth/current-actor.decorator.js';
import type { Actor } from '../../audit/audit-writer.js';
import { KeyRevocations } from '../../keys/ends/key-revocations.js';
import { toResource } from '../../keys/key-resource.js';
import { RevokeKeysFields } from '../../keys/keys.fields.js';
import { KeysService } from '../../keys/keys.service.js';
import { invalidFields, parseFields } from '../../request-fields/parse-fields.js';
import { UsageService } from '../../usage/usage.service.js';
import { CONSOLE_KEYS, CONSOLE_REVOKE } from '../frame/console-paths.js';
import { ConsolePages, formOf, nameOf, queryOf } from '../sign-in/console-requests.js';
import { KeyUses } from './key-uses.js';
import { revokePage, type RevokeView } from './revoke.page.js';

const IN_USE_MS = 7 * DAY_MS;

/** Revokes the keys that were ticked, after a page that shows them. */
@Controller(CONSOLE_REVOKE)
@ConsolePages()
export class KeyRevocationController {
  constructor(
    private readonly keys: KeysService,
    private readonly revocations: KeyRevocations,
    private readonly uses: KeyUses,
    private readonly usage: UsageService,
  ) {}

  @Get()
  async ask(
    @CurrentActor() actor: Actor,
    @Req() request: IncomingMessage,
    @Res() response: ServerResponse,
  ): Promise<void> {
    sendPage(response, revokePage(nameOf(actor), await this.view(queryOf(request))));
  }

  @Post()
  async revoke(
    @CurrentActor() actor: Actor,
    @Req() request: IncomingMessage,
    @Res() response: ServerResponse,
  ): Promise<void> {
    const form = await formOf(request);
    const view = await this.view(form);
    const { confirmation } = view;
    if (confirmation !== undefined && form.get('confirm')?.trim() !== confirmation) {
      const problem = invalidFields([{ field: 'confirm', message: `must be ${confirmation}` }]);
      return sendPage(response, revokePage(nameOf(actor), view, { values: form, problem }));
    }
    const { reason } = parseFields({ reason: form.get('reason')?.trim() || null }, RevokeKeysFields);
    const ids = view.keys.map(({ key }) => key.key_id);
    await this.revocations.revokeAll(actor, ids, reason ?? null);
    const [one] = ids;
    sendSeeOther(response, ids.length === 1 && one ? `${CONSOLE_KEYS}/${one}` : CONSOLE_KEYS);
  }

  private async view(form: URLSearchParams): Promise<RevokeView> {
    const ids = [...new Set(form.getAll('id').map((id) => id.toLowerCase()))];
    if (ids.length === 0 || ids.length > MAX_REVOKED_KEYS || !ids.every(isUuid))
      throw invalidFields([
        { field: 'id', message: `must be chosen: tick 1 to ${MAX_REVOKED_KEYS} keys in the list` },
      ]);
    const now = this.keys.now();
    const keys: KeyResource[] = [];
    for (const id of ids) keys.push(toResource(await this.keys.get(id), now));
    const uses = await this.uses.of(keys);
    const since = new Date(Date.parse(now) - IN_USE_MS).toISOString();
    const inUse = keys.some((key) => key.is_active && (uses.get(key.key_id)?.at ?? '') > since);
    return {
      keys: keys.map((key) => ({ key, use: uses.get(key.key_id) })),
      addresses: keys.length === 1 ? await this.addresses(ids[0] as string, since) : [],
      ...(inUse && { confirmation: confirmationOf(keys) }),
      now,
    };
  }

  private async addresses(id: string, since: string): Promise<string[]> {
    return (await this.usage.lastUsedBy({ from: since }, id)).map(({ address }) => address);
  }
}

/** What has to be typed: the prefix, or with several keys how many they are. */
function confirmationOf(keys: readonly KeyResource[]): string {
  const [one] = keys;
  return keys.length === 1 && one ? one.key_prefix : `revoke ${keys.length} keys`;
}
