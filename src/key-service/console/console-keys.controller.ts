import { Controller, Get, Req, Res } from '@nestjs/common';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { sendPage } from '../../platform/browser/page-response.js';
import { CurrentActor } from '../admin-auth/current-actor.decorator.js';
import type { Actor } from '../audit/audit-writer.js';
import { KeyLists } from '../keys/key-lists.js';
import { toResource } from '../keys/key-resource.js';
import { KeysService } from '../keys/keys.service.js';
import { isUsable, type KeyRecord } from '../records/key-record.js';
import { KeyId } from '../request-fields/key-id.decorator.js';
import { KeyBarsService } from '../usage/key-bars.service.js';
import { UsageSeriesService } from '../usage/usage-series.service.js';
import { UsageService } from '../usage/usage.service.js';
import { CONSOLE_KEYS } from './console-paths.js';
import { ConsolePages, nameOf, queryOf } from './console-requests.js';
import { keyPage, type KeyBefore } from './key.page.js';
import { keysPage } from './keys.page.js';
import { fieldsOf, readKeysQuery } from './keys-query.js';
import { minuteOf } from './moment.js';

/** Keys as pages, by the same services as the API. */
@Controller(CONSOLE_KEYS)
@ConsolePages()
export class ConsoleKeysController {
  constructor(
    private readonly keys: KeysService,
    private readonly lists: KeyLists,
    private readonly series: UsageSeriesService,
    private readonly usage: UsageService,
    private readonly bars: KeyBarsService,
  ) {}

  @Get()
  async list(
    @CurrentActor() actor: Actor,
    @Req() request: IncomingMessage,
    @Res() response: ServerResponse,
  ): Promise<void> {
    const query = readKeysQuery(queryOf(request));
    const now = this.keys.now();
    const [{ records, total, nextCursor }, facets] = await Promise.all([
      this.lists.page(fieldsOf(query, now)),
      this.lists.facets(),
    ]);
    const bars = await this.bars.of(records.map(({ id }) => id));
    const keys = records.map((record) => toResource(record, now));
    sendPage(response, keysPage(nameOf(actor), { query, keys, total, nextCursor, facets, bars, now }));
  }

  @Get(':id')
  async show(
    @CurrentActor() actor: Actor,
    @KeyId() id: string,
    @Res() response: ServerResponse,
  ): Promise<void> {
    const record = await this.keys.get(id);
    const now = this.keys.now();
    const usage = await this.series.series({ key_id: id });
    const before = await this.before(record, now);
    const view = { key: toResource(record, now), usage, now, ...(before && { before }) };
    sendPage(response, keyPage(nameOf(actor), view));
  }

  /** The key whose place it took, while that is still valid. */
  private async before({ rotatedFromId }: KeyRecord, now: string): Promise<KeyBefore | undefined> {
    const old = rotatedFromId === null ? undefined : await this.keys.get(rotatedFromId);
    if (!old || !isUsable(old, now)) return undefined;
    const from = (await this.usage.lastAddresses([old.id])).get(old.id);
    return {
      ...{ id: old.id, name: old.name, endsAt: old.expiresAt },
      usedFrom: from ? `${from.address}, ${minuteOf(from.at)}` : null,
    };
  }
}
