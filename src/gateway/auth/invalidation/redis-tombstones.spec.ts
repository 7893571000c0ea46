import type { RedisClient } from '../../../platform/redis/redis-link.js';
import { Signer } from '../shared-trust/signer.js';
import { tombstonesSince } from './redis-tombstones.js';
import { PAGE_SIZE } from './tombstone-scripts.js';

const signer = new Signer(['a-secret-of-all-replicas']);

/** A Redis that answers with these tombstones and says how many it read, and the last one's time. */
function redisWith(count: number, lastUs: number, subjects: readonly string[] = []): RedisClient {
  const pairs = subjects.flatMap((one) => [one, `${lastUs}.${signer.sign('tombstone', one, lastUs)}`]);
  return { eval: () => Promise.resolve([count, String(lastUs), ...pairs]) } as unknown as RedisClient;
}

describe('a page of tombstones', () => {
  it('has no next one where Redis had no more to read', async () => {
    expect(await tombstonesSince(redisWith(PAGE_SIZE - 1, 7, ['key_id:a']), 5, signer)).toEqual({
      stones: [{ subject: 'key_id:a', atUs: 7 }],
      refused: [],
      nextUs: undefined,
    });
  });

  it('that is full is followed by one that begins with its last time, of which more may be there', async () => {
    expect((await tombstonesSince(redisWith(PAGE_SIZE, 7), 5, signer)).nextUs).toBe(7);
  });

  it('that is full of one time is followed by one that begins a microsecond later, and misses nothing', async () => {
    expect((await tombstonesSince(redisWith(PAGE_SIZE, 5), 5, signer)).nextUs).toBe(6);
  });
});
