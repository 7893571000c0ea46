import { setImmediate as turn } from 'node:timers/promises';
import { seededRandom } from '../../../../test/support/random.js';
import { KeyedSemaphore } from './keyed-semaphore.js';

describe('KeyedSemaphore', () => {
  it('lets in as many at once as there is room for, and every one in the end', async () => {
    const semaphore = new KeyedSemaphore();
    let inside = 0;
    let most = 0;
    const results = await Promise.all(
      Array.from({ length: 100 }, async () => {
        const entered = await semaphore.enter('a', async () => 7);
        most = Math.max(most, ++inside);
        await turn();
        inside--;
        semaphore.leave('a');
        return entered;
      }),
    );
    expect(results.every(Boolean)).toBe(true);
    expect(most).toBe(7);
    expect(semaphore.size).toBe(0);
  });

  it('turns away all who wait once there is no room left for good', async () => {
    const semaphore = new KeyedSemaphore();
    let room = 3;
    const results = await Promise.all(
      Array.from({ length: 50 }, async () => {
        if (!(await semaphore.enter('a', async () => room))) return false;
        await turn();
        room--;
        semaphore.leave('a');
        return true;
      }),
    );
    expect(results.filter(Boolean)).toHaveLength(3);
    expect(semaphore.size).toBe(0);
  });

  it('keeps names apart', async () => {
    const semaphore = new KeyedSemaphore();
    const one = async (): Promise<number> => 1;
    expect(await semaphore.enter('a', one)).toBe(true);
    expect(await semaphore.enter('b', one)).toBe(true);
    expect(semaphore.size).toBe(2);
  });

  it.each([1, 2, 3, 4, 5, 6])('leave nobody standing in any order of events: seed %i', async (seed) => {
    const random = seededRandom(seed);
    const semaphore = new KeyedSemaphore();
    let refusals = 0;
    let inside = 0;
    const limit = 20;
    await Promise.all(
      Array.from({ length: 200 }, async () => {
        for (let turns = random() * 40; turns > 0; turns--) await turn();
        const entered = await semaphore.enter('a', async () => {
          if (random() < 0.5) await turn();
          return limit - refusals;
        });
        if (!entered) return;
        expect(++inside).toBeLessThanOrEqual(limit);
        for (let turns = random() * 5; turns > 0; turns--) await turn();
        if (random() < 0.3) refusals++;
        inside--;
        semaphore.leave('a');
      }),
    );
    expect(refusals).toBeLessThanOrEqual(limit);
    expect(semaphore.size).toBe(0);
  });
});
