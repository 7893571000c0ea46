import { isExpired, isUsable, type KeyRecord } from './key-record.js';

const EXPIRES_AT = '2026-01-02T12:00:00.000Z';
const record = (fields: Partial<KeyRecord>): KeyRecord =>
  ({ active: true, expiresAt: EXPIRES_AT, ...fields }) as KeyRecord;

describe('a key that expires', () => {
  it.each([
    ['2026-01-02T11:59:59.999Z', true],
    [EXPIRES_AT, false],
    ['2026-01-02T12:00:00.001Z', false],
  ])('is usable until that instant, and not in it: at %s %s', (now, usable) => {
    expect(isUsable(record({}), now)).toBe(usable);
    expect(isExpired(record({}), now)).toBe(!usable);
  });

  it('is not usable before it either where it is revoked', () => {
    expect(isUsable(record({ active: false }), '2026-01-01T00:00:00.000Z')).toBe(false);
  });

  it('never does where it has no end', () => {
    expect(isExpired(record({ expiresAt: null }), '9999-12-31T23:59:59.999Z')).toBe(false);
  });
});
