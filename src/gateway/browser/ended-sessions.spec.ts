import type { RedisLink } from '../../platform/redis/redis-link.js';
import { Signer } from '../auth/shared-trust/signer.js';
import { EndedSessions } from './ended-sessions.js';

const HOUR_MS = 3_600_000;
const session = (jti: string, iat = 1000, exp = 5000) => ({ jti, iat, exp });

function setUp(nowSeconds = 2000, link: RedisLink | null = null) {
  const time = { nowSeconds };
  const logged: string[] = [];
  const clock = { now: () => time.nowSeconds * 1000, monotonicMs: () => 0 };
  const logger = { warn: (event: string) => logged.push(event) } as never;
  const ended = new EndedSessions(HOUR_MS, 3, link, new Signer(['a secret of the tests']), { clock, logger });
  return { ended, time, logged };
}

describe('sessions that were signed out', () => {
  it('are known until they would have ended anyway', async () => {
    const { ended, time } = setUp();
    await ended.end(session('a'));
    expect([ended.has(session('a')), ended.has(session('b')), ended.size]).toEqual([true, false, 1]);
    time.nowSeconds = 5000;
    await ended.end(session('late', 1000, 5000));
    expect(ended.size).toBe(1);
  });

  it('make room when they are over', async () => {
    const { ended, time, logged } = setUp();
    for (const jti of ['a', 'b', 'c']) await ended.end(session(jti, 1000, 2500));
    time.nowSeconds = 3000;
    await ended.end(session('d'));
    expect([ended.size, ended.has(session('d')), logged]).toEqual([1, true, []]);
  });

  it('are never forgotten for want of room: all sessions up to then count as ended instead', async () => {
    const { ended, logged } = setUp();
    for (const jti of ['a', 'b', 'c', 'd']) await ended.end(session(jti));
    for (const jti of ['a', 'b', 'c', 'd', 'of somebody else']) expect(ended.has(session(jti))).toBe(true);
    expect(ended.has(session('begun afterwards', 2001))).toBe(false);
    expect(logged).toEqual(['sessions_all_ended']);
  });

  it('cost Redis one command each, however many are signed out at once', async () => {
    let commands = 0;
    const run = (): Promise<void> => {
      commands++;
      return new Promise((resolve) => setImmediate(resolve));
    };
    const { ended } = setUp(2000, { usable: true, run } as unknown as RedisLink);
    await Promise.all(Array.from({ length: 50 }, (_, at) => ended.end(session(String(at)))));
    expect(commands).toBe(50);
  });
});
