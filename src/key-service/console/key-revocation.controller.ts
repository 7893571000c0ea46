import { Controller, Get, Post, Req, Res } from '@nestjs/common';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { MAX_REVOKED_KEYS, type KeyResource } from '../../contracts/key-management.js';
import { isUuid } from '../../lib/uuid.js';
import { sendPage, sendSeeOther } from '../../platform/browser/page-response.js';
import { CurrentActor } from '../admin-auth/current-actor.decorator.js';
import type { Actor } from '../audit/audit-writer.js';
import { KeyRevocations } from '../keys/key-revocations.js';
import { toResource } from '../keys/key-resource.js';
import { RevokeKeysFields } from '../keys/keys.fields.js';
import { KeysService } from '../keys/keys.service.js';
import { invalidFields, parseFields } from '../request-fields/parse-fields.js';
import { revokePage } from './changes.pages.js';
import { CONSOLE_KEYS, CONSOLE_REVOKE } from './console-paths.js';
import { ConsolePages, formOf, nameOf, queryOf } from './console-requests.js';

const IN_USE_MS = 7 * 86_400_000;

/** Revokes the keys that were ticked, after a page that shows them. */
@Controller(CONSOLE_REVOKE)
@ConsolePages()
export class KeyRevocationController {
  constructor(
    private readonly keys: KeysService,
    private readonly revocations: KeyRevocations,
  ) {}

  @Get()
  async ask(
    @CurrentActor() actor: Actor,
    @Req() request: IncomingMessage,
    @Res() response: ServerResponse,
  ): Promise<void> {
    const keys = await this.chosen(queryOf(request));
    sendPage(response, revokePage(nameOf(actor), keys, this.confirmationOf(keys)));
  }

  @Post()
  async revoke(
    @CurrentActor() actor: Actor,
    @Req() request: IncomingMessage,
    @Res() response: ServerResponse,
  ): Promise<void> {
    const form = await formOf(request);
    const keys = await this.chosen(form);
    const confirmation = this.confirmationOf(keys);
    if (confirmation !== undefined && form.get('confirm')?.trim() !== confirmation)
      throw invalidFields([{ field: 'confirm', message: `must be ${confirmation}, because it is in use` }]);
    const { reason } = parseFields({ reason: form.get('reason')?.trim() || null }, RevokeKeysFields);
    const ids = keys.map(({ key_id }) => key_id);
    await this.revocations.revokeAll(actor, ids, reason ?? null);
    const [one] = ids;
    sendSeeOther(response, ids.length === 1 && one ? `${CONSOLE_KEYS}/${one}` : CONSOLE_KEYS);
  }

  private async chosen(form: URLSearchParams): Promise<KeyResource[]> {
    const ids = [...new Set(form.getAll('id').map((id) => id.toLowerCase()))];
    if (ids.length === 0 || ids.length > MAX_REVOKED_KEYS || !ids.every(isUuid))
      throw invalidFields([
        { field: 'id', message: `must be chosen: tick 1 to ${MAX_REVOKED_KEYS} keys in the list` },
      ]);
    const now = this.keys.now();
    const keys: KeyResource[] = [];
    for (const id of ids) keys.push(toResource(await this.keys.get(id), now));
    return keys;
  }

  /** What has to be typed where a key is in use: its prefix, or with several how many they are. */
  private confirmationOf(keys: readonly KeyResource[]): string | undefined {
    const since = new Date(Date.parse(this.keys.now()) - IN_USE_MS).toISOString();
    if (!keys.some(({ last_used_at: at }) => at !== null && at > since)) return undefined;
    return keys.length === 1 ? keys[0]?.key_prefix : `revoke ${keys.length} keys`;
  }
}
