import { decodeCursor, encodeCursor } from './key-cursor.js';

const CURSOR = { createdAt: '2026-11-21T12:00:00.000Z', id: '0d7e5f1c-2f3b-4f6e-9a55-0c8d1f0f5b11' };

const encoded = (text: string): string => Buffer.from(text).toString('base64url');

describe('the cursor of a list', () => {
  it('comes back as it was handed out', () => {
    expect(decodeCursor(encodeCursor(CURSOR))).toEqual(CURSOR);
  });

  it.each([
    '',
    'no-cursor',
    encoded(CURSOR.id),
    encoded(`${CURSOR.createdAt} k1`),
    encoded(`2026-02-30T12:00:00.000Z ${CURSOR.id}`),
    encoded(`yesterday ${CURSOR.id}`),
    encoded(`${CURSOR.createdAt} ${CURSOR.id} more`),
  ])('is nothing that no list has handed out: %j', (text) => {
    expect(decodeCursor(text)).toBeUndefined();
  });
});
