import { NEEDED_ANY, NEEDED_NONE } from '../../../contracts/access/used-resources.js';
import type { UsageByResourceTable, UsageRow } from '../../storage/database.schema.js';
import { MAX_RESOURCES_A_DAY, MAX_SCOPES_A_DAY } from '../usage-bounds.js';
import { startOf } from '../sums/usage-sums.js';
import type { ReportedUsage } from '../usage.fields.js';

/** The part of a record that says what its request used. */
export type Uses = Pick<ReportedUsage, 'needed_scope' | 'resources' | 'more_resources'>;

/** A record to be written, and what it says of what the request used. */
export interface RecordedUse {
  row: UsageRow;
  uses: Uses;
}

/** One row, without its count and its day. */
type Used = Pick<UsageByResourceTable, 'kind' | 'resource_id' | 'name' | 'level'>;

/** Rows of one key and day. */
export interface KeyDay {
  api_key_id: string;
  period_start: string;
  rows: Map<string, UsageByResourceTable>;
}

export function usesOf({ needed_scope, resources, more_resources }: ReportedUsage): Uses {
  return {
    ...(needed_scope !== undefined && { needed_scope }),
    ...(resources !== undefined && { resources }),
    ...(more_resources !== undefined && { more_resources }),
  };
}

/** Sums of what requests used, in the order of keys and days. */
export function sumUpUses(records: readonly RecordedUse[]): KeyDay[] {
  const days = new Map<string, KeyDay>();
  for (const { row, uses } of records) {
    const { api_key_id, timestamp } = row;
    const period_start = startOf(timestamp, 'day');
    const name = `${api_key_id} ${period_start}`;
    let day = days.get(name);
    if (!day) days.set(name, (day = { api_key_id, period_start, rows: new Map() }));
    for (const used of usedBy(uses)) count(day, used, timestamp);
  }
  return [...days].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, day]) => day);
}

/**
 * Adds everything beyond the limit to one row, so that no client can fill the table with names. @param present names
 * of rows that are there
 */
export function bounded(day: KeyDay, present: ReadonlySet<string>): UsageByResourceTable[] {
  const room = { scope: MAX_SCOPES_A_DAY, resource: MAX_RESOURCES_A_DAY };
  const shelf = (kind: UsageByResourceTable['kind']): keyof typeof room | undefined =>
    kind === 'scope' ? 'scope' : kind === 'unseen' || kind === 'more' ? undefined : 'resource';
  for (const name of present) {
    const taken = shelf(name.slice(0, name.indexOf('\n')) as UsageByResourceTable['kind']);
    if (taken !== undefined) room[taken]--;
  }
  const within: KeyDay = { ...day, rows: new Map() };
  for (const [name, row] of day.rows) {
    const needed = present.has(name) ? undefined : shelf(row.kind);
    if (needed !== undefined && --room[needed] < 0) merge(within, { ...row, ...MORE });
    else merge(within, row);
  }
  return [...within.rows].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, row]) => row);
}

/** The name of a row among those of its key and day. */
export function nameOf({ kind, resource_id, name, level }: Used): string {
  return `${kind}\n${resource_id}\n${name}\n${level}`;
}

const UNSEEN: Used = { kind: 'unseen', resource_id: '', name: '', level: '' };
const MORE: Used = { kind: 'more', resource_id: '', name: '', level: '' };

function usedBy({ needed_scope, resources, more_resources = 0 }: Uses): Used[] {
  // From a gateway that does not report it: such requests are in the sums alone, which tells them apart.
  if (needed_scope === undefined) return [];
  const isSeen = resources !== undefined || needed_scope === NEEDED_ANY || needed_scope === NEEDED_NONE;
  return [
    { kind: 'scope', resource_id: needed_scope, name: '', level: '' },
    ...(resources ?? []).map(({ kind, id = '', name = '', level }): Used => ({
      kind,
      resource_id: id,
      name,
      level,
    })),
    ...(isSeen ? [] : [UNSEEN]),
    ...(more_resources > 0 ? [MORE] : []),
  ];
}

function count(day: KeyDay, used: Used, timestamp: string): void {
  const { api_key_id, period_start } = day;
  merge(day, { api_key_id, period_start, ...used, requests: 1, last_used_at: timestamp });
}

function merge(day: KeyDay, row: UsageByResourceTable): void {
  const name = nameOf(row);
  const before = day.rows.get(name);
  if (!before) return void day.rows.set(name, { ...row });
  before.requests += row.requests;
  if (row.last_used_at > before.last_used_at) before.last_used_at = row.last_used_at;
}
