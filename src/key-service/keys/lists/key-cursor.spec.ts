import { decodeCursor, encodeCursor, type KeyCursor } from './key-cursor.js';

const ID = '0d7e5f1c-2f3b-4f6e-9a55-0c8d1f0f5b11';
const CURSOR: KeyCursor = { sort: 'created_at', order: 'desc', value: '2026-11-21T12:00:00.000Z', id: ID };

const encoded = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

describe('the cursor of a list', () => {
  it.each<KeyCursor>([
    CURSOR,
    { sort: 'name', order: 'asc', value: 'Zoë’s 実験 🔑', id: ID },
    { sort: 'expires_at', order: 'asc', value: null, id: ID },
    { sort: 'user_id', order: 'desc', value: '', id: ID },
  ])('comes back as it was handed out: %j', (cursor) => {
    expect(decodeCursor(encodeCursor(cursor))).toEqual(cursor);
  });

  it.each([
    ['no text', ''],
    ['any text', 'no-cursor'],
    ['another JSON', encoded({})],
    ['no id', encoded(['name', 'asc', 'n', 'k1'])],
    ['a column that lists are not sorted by', encoded(['key_hash', 'asc', 'n', ID])],
    ['another order', encoded(['name', 'up', 'n', ID])],
    ['no day of the calendar', encoded(['created_at', 'desc', '2026-02-30T12:00:00.000Z', ID])],
    ['no time', encoded(['expires_at', 'asc', 'yesterday', ID])],
    ['null where there is always a value', encoded(['name', 'asc', null, ID])],
    ['a NUL', encoded(['name', 'asc', 'a\0b', ID])],
    ['a number', encoded(['name', 'asc', 7, ID])],
    ['more', encoded(['name', 'asc', 'n', ID, 1])],
  ])('is nothing that no list has handed out: %s', (_what, text) => {
    expect(decodeCursor(text)).toBeUndefined();
  });
});
