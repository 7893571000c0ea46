import { Controller, Get, Req, Res } from '@nestjs/common';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import type { KeyResource } from '../../../contracts/keys/key-management.js';
import type { ListKeysFields } from '../../keys/lists/key-list.fields.js';
import { KeyLists } from '../../keys/lists/key-lists.js';
import { toResource } from '../../keys/key-resource.js';
import { KeysService } from '../../keys/keys.service.js';
import { CONSOLE_KEYS_CSV } from '../frame/console-paths.js';
import { ConsolePages, queryOf } from '../sign-in/console-requests.js';
import { csvOf } from '../parts/csv.js';
import { fieldsOf, readKeysQuery } from './keys-query.js';

const KEYS_PER_READ = 200;

type Column = readonly [heading: string, value: (key: KeyResource) => string | null];

const COLUMNS: readonly Column[] = [
  ['key_id', (key) => key.key_id],
  ['name', (key) => key.name],
  ['key_prefix', (key) => key.key_prefix],
  ['user_id', (key) => key.user_id],
  ['service_ids', (key) => key.service_ids.join(' ')],
  ['environment', (key) => key.environment],
  ['scopes', (key) => key.scopes.join(' ')],
  ['is_active', (key) => String(key.is_active)],
  ['created_at', (key) => key.created_at],
  ['created_by', (key) => key.created_by],
  ['last_used_at', (key) => key.last_used_at],
  ['expires_at', (key) => key.expires_at],
  ['revoked_at', (key) => key.revoked_at],
  ['description', (key) => key.description],
];

/** The keys of a list, on all its pages, as a file. */
@Controller(CONSOLE_KEYS_CSV)
@ConsolePages()
export class KeysCsvController {
  constructor(
    private readonly lists: KeyLists,
    private readonly keys: KeysService,
  ) {}

  @Get()
  async file(@Req() request: IncomingMessage, @Res() response: ServerResponse): Promise<void> {
    const { cursor: _page, limit: _size, ...query } = readKeysQuery(queryOf(request));
    const lines = this.lines(fieldsOf(query, this.keys.now()));
    // The first page is read before anything is sent, so that a refusal can still be shown as a page.
    const first = await lines.next();
    response.setHeader('content-type', 'text/csv; charset=utf-8');
    response.setHeader('content-disposition', 'attachment; filename="keys.csv"');
    response.setHeader('cache-control', 'no-store');
    await pipeline(startingWith(first.value ?? '', lines), response).catch(() => response.destroy());
  }

  private async *lines(query: ListKeysFields): AsyncGenerator<string, void, undefined> {
    const head = csvOf([COLUMNS.map(([heading]) => heading)]);
    for (let cursor: string | undefined, start = head; ; start = '') {
      const page = { ...query, limit: String(KEYS_PER_READ), ...(cursor !== undefined && { cursor }) };
      const { records, nextCursor } = await this.lists.page(page);
      const now = this.keys.now();
      const keys = records.map((record) => toResource(record, now));
      yield start + csvOf(keys.map((key) => COLUMNS.map(([, value]) => value(key))));
      if (nextCursor === undefined) return;
      cursor = nextCursor;
    }
  }
}

async function* startingWith(
  first: string,
  more: AsyncIterable<string>,
): AsyncGenerator<string, void, undefined> {
  yield first;
  yield* more;
}
