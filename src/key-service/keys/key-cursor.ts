import { isUuid } from '../../lib/uuid.js';
import { parseInstant } from '../request-fields/field-validators.js';

/** Place in a list that is ordered by creation, then id. */
export interface KeyCursor {
  /** RFC 3339 in UTC with milliseconds. */
  createdAt: string;
  id: string;
}

const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

/** The cursor as an opaque text for callers. */
export function encodeCursor({ createdAt, id }: KeyCursor): string {
  return Buffer.from(`${createdAt} ${id}`).toString('base64url');
}

/** Undefined for a text that no list has handed out. */
export function decodeCursor(text: string): KeyCursor | undefined {
  const [createdAt = '', id = '', ...more] = Buffer.from(text, 'base64url').toString().split(' ');
  const known = more.length === 0 && TIME.test(createdAt) && isUuid(id);
  return known && parseInstant(createdAt) !== undefined ? { createdAt, id } : undefined;
}
