import { ERROR_TYPE_BASE } from '../../contracts/errors/error-codes.js';
import {
  DEFAULT_RETRY_POLICY,
  fateOfConnectionFault,
  fateOfStatus,
  parseRetryAfterSeconds,
  retryDelayMs,
  retryPolicyOf,
} from './retry-policy.js';

const always = (value: number) => (): number => value;

describe('fateOfStatus', () => {
  it.each([
    [429, undefined, 'untouched'],
    [503, `${ERROR_TYPE_BASE}auth-service-unavailable`, 'untouched'],
    [503, `${ERROR_TYPE_BASE}overloaded`, 'untouched'],
    [503, `${ERROR_TYPE_BASE}upstream-unavailable`, 'unknown'],
    [503, undefined, 'unknown'],
    [408, undefined, 'unknown'],
    [500, undefined, 'unknown'],
    [502, undefined, 'unknown'],
    [504, undefined, 'unknown'],
    [400, undefined, 'final'],
    [401, undefined, 'final'],
    [403, undefined, 'final'],
    [404, undefined, 'final'],
    [409, undefined, 'final'],
    [501, undefined, 'final'],
  ] as const)('of %d with the type %s is %s', (status, type, fate) => {
    expect(fateOfStatus(status, type)).toBe(fate);
  });

  it('does not take the type of a 502 for a refusal before forwarding', () => {
    expect(fateOfStatus(502, `${ERROR_TYPE_BASE}overloaded`)).toBe('unknown');
  });
});

describe('fateOfConnectionFault', () => {
  const fault = (code: string, cause?: unknown): Error => Object.assign(new Error(code), { code, cause });

  it.each([
    ['a refused connection', new TypeError('fetch failed', { cause: fault('ECONNREFUSED') }), 'untouched'],
    ['a name that is not found', fault('ENOTFOUND'), 'untouched'],
    ['a connection that was reset', new TypeError('fetch failed', { cause: fault('ECONNRESET') }), 'unknown'],
    ['all addresses refused', { errors: [fault('ECONNREFUSED'), fault('ENETUNREACH')] }, 'untouched'],
    ['one of two addresses reset', { errors: [fault('ECONNREFUSED'), fault('ECONNRESET')] }, 'unknown'],
    ['a browser, which tells no code', new TypeError('Failed to fetch'), 'unknown'],
    ['nothing', undefined, 'unknown'],
  ])('of %s is %s', (_, error, fate) => {
    expect(fateOfConnectionFault(error)).toBe(fate);
  });

  it('ends on an error that is its own cause', () => {
    const loop: { cause?: unknown } = {};
    loop.cause = loop;
    expect(fateOfConnectionFault(loop)).toBe('unknown');
  });
});

describe('retryPolicyOf', () => {
  it('takes undefined for the default, and everything else as it is', () => {
    expect(retryPolicyOf({ maxRetries: undefined, baseDelayMs: 7 })).toEqual({
      ...DEFAULT_RETRY_POLICY,
      baseDelayMs: 7,
    });
    expect(retryPolicyOf(undefined)).toEqual(DEFAULT_RETRY_POLICY);
  });
});

describe('retryDelayMs', () => {
  const policy = DEFAULT_RETRY_POLICY;
  const wait = (
    failure: Parameters<typeof retryDelayMs>[1],
    { repeatable = true, attempt = 1, chance = 1 } = {},
  ): number | undefined => retryDelayMs(policy, failure, repeatable, attempt, always(chance));

  it('doubles up to its bound, with full jitter', () => {
    const bounds = [1, 2, 3, 4].map((attempt) => wait({ fate: 'unknown' }, { attempt }));
    expect(bounds).toEqual([500, 1000, 2000, 4000]);
    expect(wait({ fate: 'unknown' }, { attempt: 4, chance: 0.5 })).toBe(2000);
    expect(wait({ fate: 'unknown' }, { chance: 0 })).toBe(0);
    expect(retryDelayMs({ ...policy, maxRetries: 99 }, { fate: 'unknown' }, true, 20, always(1))).toBe(8000);
  });

  it('repeats a write only where it certainly was not done', () => {
    expect(wait({ fate: 'unknown' }, { repeatable: false })).toBeUndefined();
    expect(wait({ fate: 'untouched' }, { repeatable: false })).toBe(500);
  });

  it('ends after its retries, and at once if a repetition cannot help', () => {
    expect(wait({ fate: 'untouched' }, { attempt: 5 })).toBeUndefined();
    expect(wait({ fate: 'final' })).toBeUndefined();
    expect(retryDelayMs({ ...policy, maxRetries: 0 }, { fate: 'untouched' }, true, 1, always(1))).toBe(
      undefined,
    );
  });

  it('never undercuts Retry-After, and gives up where it asks for too much', () => {
    expect(wait({ fate: 'untouched', retryAfterSeconds: 7 }, { chance: 0 })).toBe(7000);
    expect(wait({ fate: 'untouched', retryAfterSeconds: 7 })).toBeGreaterThan(7000);
    expect(wait({ fate: 'untouched', retryAfterSeconds: 60 })).toBeDefined();
    expect(wait({ fate: 'untouched', retryAfterSeconds: 61 })).toBeUndefined();
  });
});

describe('parseRetryAfterSeconds', () => {
  const nowMs = Date.parse('2026-11-21T10:00:00Z');
  it.each([
    [null, undefined],
    ['0', 0],
    [' 12 ', 12],
    ['Sat, 21 Nov 2026 10:00:30 GMT', 30],
    ['Sat, 21 Nov 2026 09:00:00 GMT', 0],
    ['soon', undefined],
    ['', undefined],
    ['-5', undefined],
    ['1.5', undefined],
  ])('of %j is %s', (value, seconds) => {
    expect(parseRetryAfterSeconds(value, nowMs)).toBe(seconds);
  });
});
