import type { KeyResource } from '../../sdk/index.js';
import { bytesText } from '../commands/auth-usage.command.js';
import { wordsOf } from '../commands/auth-revoke.command.js';
import { keyDetails, minuteOf, statusOf } from './key-text.js';

const KEY: KeyResource = {
  key_id: 'id-1',
  key_prefix: 'hk_live_abcd',
  name: 'n',
  user_id: null,
  service_id: 'ml-platform',
  service_ids: ['ml-platform'],
  environment: 'production',
  scopes: ['mlflow:access'],
  rate_limit_per_hour: null,
  burst: null,
  searches_per_minute: null,
  writes_per_minute: null,
  allowed_ips: null,
  grants: null,
  created_at: '2026-01-31T12:00:59.123Z',
  expires_at: null,
  last_used_at: null,
  revoked_at: null,
  is_active: true,
  description: null,
  created_by: null,
  revoked_by: null,
  revoke_reason: null,
  rotated_from_id: null,
  rotated_to_id: null,
};

describe('the status', () => {
  it.each([
    ['active', {}],
    ['active', { expires_at: '2000-01-01T00:00:00Z' }],
    ['expired', { expires_at: '2999-01-01T00:00:00Z', is_active: false }],
    ['revoked', { revoked_at: '2026-01-01T00:00:00Z', is_active: false }],
    ['inactive', { is_active: false }],
  ] as const)("is %s for %j: the service's clock decides", (status, more) => {
    expect(statusOf({ ...KEY, ...more })).toBe(status);
  });
});

describe('the details', () => {
  it('say what an absent limit means', () => {
    const details = Object.fromEntries(keyDetails(KEY));
    expect(details).toMatchObject({
      'Requests an hour': "the gateway's default",
      'Allowed addresses': 'any',
      Expires: 'never',
      'Last used': 'never',
    });
    expect(details).not.toHaveProperty('Revoked');
  });

  it('say when it was revoked', () => {
    const revoked = { ...KEY, revoked_at: '2026-02-01T00:00:00Z', is_active: false };
    expect(Object.fromEntries(keyDetails(revoked))['Revoked']).toBe('2026-02-01T00:00:00Z');
  });
});

it('times are cut to the minute', () => {
  expect(minuteOf(KEY.created_at)).toBe('2026-01-31 12:00');
  expect(minuteOf(null)).toBe('-');
});

it.each([
  [0, '0 B'],
  [1023, '1023 B'],
  [1024, '1.0 KiB'],
  [1_572_864, '1.5 MiB'],
  [5 * 1024 ** 3, '5.0 GiB'],
  [3 * 1024 ** 5, '3072.0 TiB'],
])('%d bytes are %s', (bytes, text) => {
  expect(bytesText(bytes)).toBe(text);
});

it.each([
  [1, '1 second'],
  [90, '90 seconds'],
  [5400, '90 minutes'],
  [3600, '1 hour'],
  [86_400, '1 day'],
  [604_800, '7 days'],
])('%d seconds are "%s"', (seconds, words) => {
  expect(wordsOf(seconds)).toBe(words);
});
