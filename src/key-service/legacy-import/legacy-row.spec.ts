import { newId, readLegacyRow, type LegacyKey, type LegacyRow } from './legacy-row.js';

const NOW = '2026-05-01T12:00:00.000Z';
const ID = '0d7e5f1c-2f3b-4f6e-9a55-0c8d1f0f5b11';
const HASH = `$2b$12$${'a'.repeat(53)}`;
const ROW: LegacyRow = {
  key_id: ID,
  key_hash: HASH,
  key_prefix: 'hk_live_abc',
  name: 'training',
  user_id: 'u1',
  created_at: '2025-07-01 10:00:00.123456',
  rate_limit_per_hour: 1000,
};
const read = (row: LegacyRow, withoutRateLimits = false): ReturnType<typeof readLegacyRow> =>
  readLegacyRow({ ...ROW, ...row }, { serviceId: 'ml-platform', withoutRateLimits }, NOW);
const record = (row: LegacyRow): LegacyKey['record'] => (read(row) as LegacyKey).record;

it('a row keeps what it says, and what it leaves out gets a default', () => {
  expect(read({})).toEqual({
    hash: HASH,
    record: {
      id: ID,
      prefix: 'hk_live_abc',
      name: 'training',
      userId: 'u1',
      serviceId: 'ml-platform',
      serviceIds: ['ml-platform'],
      environment: 'production',
      scopes: ['model:read', 'model:write', 'mlflow:access'],
      ratePerHour: 1000,
      burst: null,
      searchesPerMinute: null,
      writesPerMinute: null,
      grants: null,
      allowedIps: null,
      createdAt: '2025-07-01T10:00:00.123Z',
      expiresAt: null,
      lastUsedAt: null,
      revokedAt: null,
      active: true,
      rotatedToId: null,
      rotatedFromId: null,
      description: null,
      createdBy: 'import',
      revokedBy: null,
      revokeReason: null,
    },
  });
});

it.each<[string, LegacyRow]>([
  ['inactive', { is_active: false }],
  ['inactive', { is_active: 0 }],
  ['inactive', { is_active: 'false' }],
  ['inactive', { is_active: 'f' }],
  ['inactive', { is_active: '0' }],
  ['expired', { expires_at: '2026-05-01 12:00:00' }],
  ['expired', { expires_at: '2026-05-01T13:59:00+02:00' }],
  ['time-invalid', { expires_at: 'soon' }],
  ['time-invalid', { created_at: 1_751_364_000 }],
  ['hash-not-bcrypt', { key_hash: 'a'.repeat(64) }],
  ['hash-not-bcrypt', { key_hash: null }],
  ['hash-cost-too-high', { key_hash: HASH.replace('$12$', '$15$') }],
  ['prefix-unusable', { key_prefix: 'hk_' }],
  ['prefix-unusable', { key_prefix: 'hk_live abc' }],
  ['allowed-ips-invalid', { allowed_ips: '10.0.0.0/8' }],
  ['allowed-ips-invalid', { allowed_ips: ['10.0.0.0/8', 'office'] }],
  ['service-id-invalid', { service_id: 'ml platform' }],
  ['id-missing', { key_id: null }],
])('%s: %j', (refusal, row) => {
  expect(read(row)).toBe(refusal);
});

it.each([true, 1, 'True', 't', '1', null, undefined])('%j is an active key', (is_active) => {
  expect(record({ is_active }).active).toBe(true);
});

it.each([
  ['2027-01-01 10:00:00', '2027-01-01T10:00:00.000Z'],
  ['2027-01-01T10:00:00.5Z', '2027-01-01T10:00:00.500Z'],
  ['2027-01-01 10:00:00+05:30', '2027-01-01T04:30:00.000Z'],
  ['2027-01-01 10:00:00-0330', '2027-01-01T13:30:00.000Z'],
  ['2027-01-01 10:00:00.123456+00', '2027-01-01T10:00:00.123Z'],
  ['2027-01-01 10:00:00-05', '2027-01-01T15:00:00.000Z'],
  ['2027-01-01', '2027-01-01T00:00:00.000Z'],
  ['', null],
])('a key that expires at %j does so at %j', (expires_at, expected) => {
  expect(record({ expires_at }).expiresAt).toBe(expected);
});

it.each([
  ['[]', null],
  ['null', null],
  ['', null],
  [[], null],
  ['["10.0.0.0/8"]', ['10.0.0.0/8']],
  [
    ['10.0.0.0/8', '2001:db8::1'],
    ['10.0.0.0/8', '2001:db8::1'],
  ],
])('addresses %j are %j', (allowed_ips, expected) => {
  expect(record({ allowed_ips }).allowedIps).toEqual(expected);
});

it('a prefix loses what stood there for display, and is cut to what is compared', () => {
  expect(record({ key_prefix: ' hk_live_abc...' }).prefix).toBe('hk_live_abc');
  expect(record({ key_prefix: 'hk_live_abc****' }).prefix).toBe('hk_live_abc');
  expect(record({ key_prefix: 'hk_live_' + 'a'.repeat(40) }).prefix).toBe('hk_live_aaaaaaaaaaaa');
});

it.each([
  ['test', 'hk_live_abc', 'staging'],
  ['development', 'hk_live_abc', 'development'],
  [undefined, 'hk_test_abc', 'staging'],
  ['qa', 'hk_dev_abc', 'development'],
  [null, 'hk_live_abc', 'production'],
])('environment %j with the prefix %s: %s', (environment, key_prefix, expected) => {
  expect(record({ environment, key_prefix }).environment).toBe(expected);
});

it('PHP bcrypt is bcrypt', () => {
  expect((read({ key_hash: HASH.replace('$2b', '$2y') }) as LegacyKey).hash).toBe(HASH);
});

it('the old limits may be left out, and none is invented', () => {
  expect((read({}, true) as LegacyKey).record.ratePerHour).toBeNull();
  for (const rate_limit_per_hour of [0, -1, 1.5, null, 'many'])
    expect(record({ rate_limit_per_hour }).ratePerHour).toBeNull();
});

it('names are lines of bounded length', () => {
  expect(record({ name: 'a\nb\0c' }).name).toBe('a b c');
  expect(record({ name: 'n'.repeat(300), user_id: 'u'.repeat(300) })).toMatchObject({
    name: 'n'.repeat(200),
    userId: 'u'.repeat(255),
  });
  expect(record({ name: ' \t ', user_id: 7 })).toMatchObject({ name: 'imported key', userId: '7' });
});

it('an id is a UUID: its own, or one that every run gives it again', () => {
  expect(newId(ID.toUpperCase())).toBe(ID);
  expect(newId('42')).toBe('96a28a4e-7153-8c13-8d83-c29bb26a57b9');
  expect(newId('42')).not.toBe(newId('43'));
});
