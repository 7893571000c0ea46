import { isUuid } from '../../../lib/uuid.js';
import { KEY_SORTS, type KeySort } from '../../../contracts/keys/key-management.js';
import { parseInstant } from '../../request-fields/field-validators.js';

export type SortOrder = 'asc' | 'desc';

/** Place in a list: the last key before it, and how the list is sorted. */
export interface KeyCursor {
  sort: KeySort;
  order: SortOrder;
  /** What the key is sorted by; null comes after all values. */
  value: string | null;
  id: string;
}

const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;
const TIMES: readonly KeySort[] = ['created_at', 'expires_at', 'last_used_at'];

/** The cursor as an opaque text for callers. */
export function encodeCursor({ sort, order, value, id }: KeyCursor): string {
  return Buffer.from(JSON.stringify([sort, order, value, id])).toString('base64url');
}

/** Undefined for a string that is not a cursor of a list. */
export function decodeCursor(text: string): KeyCursor | undefined {
  const [sort, order, value, id, ...more] = listIn(Buffer.from(text, 'base64url').toString());
  const known =
    more.length === 0 &&
    (KEY_SORTS as readonly unknown[]).includes(sort) &&
    (order === 'asc' || order === 'desc') &&
    typeof id === 'string' &&
    isUuid(id);
  return known && isValueOf(sort as KeySort, value)
    ? { sort: sort as KeySort, order, value: value as string | null, id }
    : undefined;
}

function listIn(text: string): unknown[] {
  try {
    const list: unknown = JSON.parse(text);
    return Array.isArray(list) ? (list as unknown[]) : [];
  } catch {
    return [];
  }
}

function isValueOf(sort: KeySort, value: unknown): boolean {
  if (value === null) return sort !== 'created_at' && sort !== 'name';
  // PostgreSQL stores no NUL in a string.
  if (typeof value !== 'string' || value.includes('\0') || !value.isWellFormed()) return false;
  return !TIMES.includes(sort) || (TIME.test(value) && parseInstant(value) !== undefined);
}
