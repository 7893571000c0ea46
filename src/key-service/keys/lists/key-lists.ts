import { Injectable } from '@nestjs/common';
import type { KeyFacet, KeyFacetsResponse } from '../../../contracts/keys/key-management.js';
import { DAY_MS } from '../../../lib/durations.js';
import { isUuid } from '../../../lib/uuid.js';
import { Clock } from '../../../platform/clock.js';
import { utc } from '../../request-fields/field-validators.js';
import { invalidFields } from '../../request-fields/parse-fields.js';
import type { KeyRecord } from '../../records/key-record.js';
import { decodeCursor, encodeCursor, type KeyCursor } from './key-cursor.js';
import { DEFAULT_PAGE, durationMs, type ListKeysFields } from './key-list.fields.js';
import { facetsOf } from './key-facets.js';
import { KeyListRepository, type KeyFilter } from './key-list.repository.js';

export interface KeyPage {
  records: KeyRecord[];
  /** Keys on all pages. */
  total: number;
  /** Undefined on the last page. */
  nextCursor: string | undefined;
}

/** Finds keys by what is known of them. */
@Injectable()
export class KeyLists {
  constructor(
    private readonly repository: KeyListRepository,
    private readonly clock: Clock,
  ) {}

  /** @throws ProblemError 400 for a cursor that did not come from a list in this order */
  async page(query: ListKeysFields): Promise<KeyPage> {
    const now = this.timeIn(0);
    const sort = query.sort ?? 'created_at';
    const order = query.order ?? (sort === 'created_at' || sort === 'last_used_at' ? 'desc' : 'asc');
    const after = query.cursor === undefined ? undefined : decodeCursor(query.cursor);
    if (query.cursor !== undefined && (after?.sort !== sort || after.order !== order))
      throw invalidFields([{ field: 'cursor', message: 'must be a next_cursor of an earlier answer' }]);
    const filter = this.filterOf(query);
    const size = Number(query.limit ?? DEFAULT_PAGE);
    const [records, total] = await Promise.all([
      this.repository.page(filter, { limit: size + 1, sort, order, after, now }),
      this.repository.count(filter, now),
    ]);
    const shown = records.slice(0, size);
    const last = shown.at(-1);
    return {
      records: shown,
      total,
      nextCursor:
        records.length > size && last ? encodeCursor({ sort, order, ...placeOf(last, sort) }) : undefined,
    };
  }

  /** Names of keys by id; unknown ids are left out. */
  names(ids: Iterable<string | null>): Promise<Map<string, string>> {
    const possible = [...new Set(ids)].filter((id) => id !== null && isUuid(id)) as string[];
    return this.repository.names(possible);
  }

  async facets(): Promise<KeyFacetsResponse> {
    const now = this.timeIn(0);
    const times = { endsBefore: this.timeIn(14 * DAY_MS), unusedSince: this.timeIn(-30 * DAY_MS) };
    const [tallies, users] = await Promise.all([
      this.repository.tallies(now, times),
      this.repository.owners(now),
    ]);
    return { ...facetsOf(tallies), users };
  }

  /** Those with most keys. */
  owners(): Promise<KeyFacet[]> {
    return this.repository.owners(this.timeIn(0));
  }

  private filterOf(query: ListKeysFields): KeyFilter {
    const { q, key_prefix, is_active, expires_within } = query;
    return {
      search: q?.trim(),
      userIds: listOf(query.user_id),
      serviceIds: listOf(query.service_id),
      environments: listOf(query.environment),
      statuses: listOf(query.status),
      keyPrefix: key_prefix,
      usable: is_active === undefined ? undefined : is_active === 'true',
      expiresBefore: utc(query.expires_before),
      endsBefore: expires_within === undefined ? undefined : this.timeIn(durationMs(expires_within)),
      unusedSince: utc(query.unused_since),
    };
  }

  private timeIn(ms: number): string {
    return new Date(this.clock.now() + ms).toISOString();
  }
}

function listOf<T>(value: T | T[] | undefined): T[] | undefined {
  if (value === undefined) return undefined;
  return Array.isArray(value) ? value : [value];
}

function placeOf(record: KeyRecord, sort: KeyCursor['sort']): Pick<KeyCursor, 'value' | 'id'> {
  const values: Record<KeyCursor['sort'], string | null> = {
    created_at: record.createdAt,
    name: record.name,
    expires_at: record.expiresAt,
    last_used_at: record.lastUsedAt,
    user_id: record.userId,
  };
  return { value: values[sort], id: record.id };
}
