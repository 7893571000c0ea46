import { randomUUID } from 'node:crypto';
import { isUuid } from './uuid.js';

describe('a UUID', () => {
  it.each([randomUUID(), randomUUID().toUpperCase(), '00000000-0000-0000-0000-000000000000'])(
    'may be %s',
    (text) => expect(isUuid(text)).toBe(true),
  );

  it.each([
    '',
    'k1',
    randomUUID().slice(1),
    `${randomUUID()}\n`,
    `{${randomUUID()}}`,
    randomUUID().replaceAll('-', ''),
    randomUUID().replace(/^./, 'g'),
  ])('is not %j', (text) => expect(isUuid(text)).toBe(false));
});
