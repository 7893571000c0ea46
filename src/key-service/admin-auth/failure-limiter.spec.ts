import { ManualClock } from '../../../test/support/lib/manual-clock.js';
import { FailureLimiter } from './failure-limiter.js';

const PER_MINUTE = 3;
let clock: ManualClock;
let limiter: FailureLimiter;

beforeEach(() => {
  clock = new ManualClock(0);
  limiter = new FailureLimiter(PER_MINUTE, clock);
});

function fail(address: string, times: number): void {
  for (let i = 0; i < times; i++) limiter.failed(address);
}

describe('failures of an address', () => {
  it('may be as many as the limit says, at once', () => {
    fail('192.0.2.1', PER_MINUTE - 1);
    expect(limiter.retryAfterSeconds('192.0.2.1')).toBeUndefined();
    fail('192.0.2.1', 1);
    expect(limiter.retryAfterSeconds('192.0.2.1')).toBe(61);
  });

  it('are waited for in whole seconds, rounded up', () => {
    fail('192.0.2.1', PER_MINUTE);
    clock.advance(999);
    expect(limiter.retryAfterSeconds('192.0.2.1')).toBe(61);
    clock.advance(1);
    expect(limiter.retryAfterSeconds('192.0.2.1')).toBe(60);
  });

  it('are never more in any minute: an attempt is free again a minute after the failure that took it', () => {
    fail('192.0.2.1', 1);
    clock.advance(30_000);
    fail('192.0.2.1', PER_MINUTE - 1);
    expect(limiter.retryAfterSeconds('192.0.2.1')).toBe(31);
    clock.advance(31_000);
    expect(limiter.retryAfterSeconds('192.0.2.1')).toBeUndefined();
    fail('192.0.2.1', 1);
    expect(limiter.retryAfterSeconds('192.0.2.1')).toBe(30);
  });

  it('beyond the limit do not make the wait any longer', () => {
    fail('192.0.2.1', PER_MINUTE);
    clock.advance(50_000);
    fail('192.0.2.1', 100);
    clock.advance(11_000);
    expect(limiter.retryAfterSeconds('192.0.2.1')).toBeUndefined();
  });

  it('do not count against other addresses, but against the whole IPv6 network', () => {
    fail('192.0.2.1', PER_MINUTE);
    fail('2001:db8::1', PER_MINUTE);
    expect(limiter.retryAfterSeconds('192.0.2.2')).toBeUndefined();
    expect(limiter.retryAfterSeconds('2001:db8::ffff')).toBe(61);
    expect(limiter.retryAfterSeconds('2001:db8:0:1::1')).toBeUndefined();
  });
});
