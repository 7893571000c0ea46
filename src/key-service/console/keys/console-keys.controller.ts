import { Controller, Get, Req, Res } from '@nestjs/common';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { sendPage } from '../../../platform/browser/page-response.js';
import { CurrentActor } from '../../admin-auth/current-actor.decorator.js';
import type { Actor } from '../../audit/audit-writer.js';
import { KeyLists } from '../../keys/lists/key-lists.js';
import { toResource } from '../../keys/key-resource.js';
import { KeysService } from '../../keys/keys.service.js';
import { KeyId } from '../../request-fields/key-id.decorator.js';
import { KeyBarsService } from '../../usage/series/key-bars.service.js';
import { CONSOLE_KEYS } from '../frame/console-paths.js';
import { ConsolePages, nameOf, queryOf } from '../sign-in/console-requests.js';
import { keyPage } from './key.page.js';
import { KEY_RANGES, type KeyRange } from './key-usage.reader.js';
import { KeyViews } from './key-views.js';
import { keysPage } from './keys.page.js';
import { fieldsOf, readKeysQuery } from './keys-query.js';

/** Keys as pages, by the same services as the API. */
@Controller(CONSOLE_KEYS)
@ConsolePages()
export class ConsoleKeysController {
  constructor(
    private readonly keys: KeysService,
    private readonly lists: KeyLists,
    private readonly views: KeyViews,
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
    @Req() request: IncomingMessage,
    @Res() response: ServerResponse,
  ): Promise<void> {
    const wanted = queryOf(request).get('range') ?? '';
    const range = Object.hasOwn(KEY_RANGES, wanted) ? (wanted as KeyRange) : '24h';
    sendPage(response, keyPage(nameOf(actor), await this.views.of(id, range)));
  }
}
