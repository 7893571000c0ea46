import { bulkheadPolicy } from '../resilience/bulkhead.policy.js';
import { cachePolicy, longestWindowMs } from '../resilience/cache.policy.js';
import { BulkheadFullError } from '../resilience/dependency-error.js';
import { timeoutPolicy } from '../resilience/timeout.policy.js';
import { AuthConfig } from '../config/auth.config.js';

describe('the bulkhead', () => {
  it('lets so many calls run, so many wait, and refuses the rest without calling', async () => {
    const policy = bulkheadPolicy(2, 3);
    const ends: (() => void)[] = [];
    let most = 0;
    let running = 0;
    const work = async (): Promise<string> => {
      most = Math.max(most, ++running);
      await new Promise<void>((resolve) => ends.push(resolve));
      running--;
      return 'done';
    };
    const calls = Array.from({ length: 6 }, () => policy.execute(work));
    await expect(calls[5]).rejects.toBeInstanceOf(BulkheadFullError);
    for (let ended = 0; ended < 5; ended++) {
      while (ends.length === 0) await Promise.resolve();
      ends.shift()?.();
    }
    expect(await Promise.all(calls.slice(0, 5))).toEqual(Array.from({ length: 5 }, () => 'done'));
    expect(most).toBe(2);
  });

  it('hands on what the call throws', async () => {
    const failing = async (): Promise<never> => {
      throw new RangeError('theirs');
    };
    await expect(bulkheadPolicy().execute(failing)).rejects.toThrow('theirs');
  });
});

describe('the deadline', () => {
  it('aborts the signal of the call', async () => {
    const until = (signal: AbortSignal): Promise<string> =>
      new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(new Error('aborted'))));
    await expect(timeoutPolicy({ timeoutMs: 10 }).execute(until)).rejects.toThrow('aborted');
  });

  it('leaves an answer in time alone', async () =>
    expect(await timeoutPolicy({ timeoutMs: 1000 }).execute(async () => 'in time')).toBe('in time'));
});

describe('the cache windows', () => {
  it('come from the configuration', () => {
    const policy = cachePolicy(new AuthConfig());
    expect(policy).toEqual({
      freshMs: 300_000,
      negativeMs: 30_000,
      staleWhileRevalidateMs: 60_000,
      staleIfErrorMs: 900_000,
    });
    expect(longestWindowMs(policy)).toBe(1_200_000);
  });
});
