import { ManualClock } from '../../../test/support/manual-clock.js';
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
  it('may be as many as a minute allows, at once', () => {
    fail('192.0.2.1', PER_MINUTE - 1);
    expect(limiter.retryAfterSeconds('192.0.2.1')).toBeUndefined();
    fail('192.0.2.1', 1);
    expect(limiter.retryAfterSeconds('192.0.2.1')).toBe(60 / PER_MINUTE);
  });

  it('are forgiven evenly: one allowance for each part of the minute', () => {
    fail('192.0.2.1', PER_MINUTE);
    clock.advance(15_000);
    expect(limiter.retryAfterSeconds('192.0.2.1')).toBe(5);
    clock.advance(5000);
    expect(limiter.retryAfterSeconds('192.0.2.1')).toBeUndefined();
    fail('192.0.2.1', 1);
    expect(limiter.retryAfterSeconds('192.0.2.1')).toBe(20);
  });

  it('do not save up allowances beyond a minute', () => {
    clock.advance(3_600_000);
    fail('192.0.2.1', PER_MINUTE);
    expect(limiter.retryAfterSeconds('192.0.2.1')).toBe(20);
  });

  it('cost no other address, and all addresses of an IPv6 network', () => {
    fail('192.0.2.1', PER_MINUTE);
    fail('2001:db8::1', PER_MINUTE);
    expect(limiter.retryAfterSeconds('192.0.2.2')).toBeUndefined();
    expect(limiter.retryAfterSeconds('2001:db8::ffff')).toBe(20);
    expect(limiter.retryAfterSeconds('2001:db8:0:1::1')).toBeUndefined();
  });
});
