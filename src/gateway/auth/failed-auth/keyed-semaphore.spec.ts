import { setImmediate as turn } from 'node:timers/promises';
import { seededRandom } from '../../../../test/support/lib/random.js';
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
    expect(new Set(results)).toEqual(new Set(['in']));
    expect(most).toBe(7);
    expect(semaphore.size).toBe(0);
  });

  it('refuses all waiting callers when no room can become free', async () => {
    const semaphore = new KeyedSemaphore();
    let room = 3;
    const results = await Promise.all(
      Array.from({ length: 50 }, async () => {
        if ((await semaphore.enter('a', async () => room)) !== 'in') return false;
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
    expect(await semaphore.enter('a', one)).toBe('in');
    expect(await semaphore.enter('b', one)).toBe('in');
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
        if (entered !== 'in') return;
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

  it('lets nobody wait beyond the signal, and forgets who has given up', async () => {
    const semaphore = new KeyedSemaphore();
    const one = async (): Promise<number> => 1;
    await semaphore.enter('a', one);
    const patience = new AbortController();
    const waiting = Array.from({ length: 1000 }, () => semaphore.enter('a', one, patience.signal));
    const patient = semaphore.enter('a', one);
    await turn();
    patience.abort();
    expect(new Set(await Promise.all(waiting))).toEqual(new Set(['gave-up']));
    expect(await semaphore.enter('a', one, patience.signal)).toBe('gave-up');
    semaphore.leave('a');
    expect(await patient).toBe('in');
    semaphore.leave('a');
    expect(semaphore.size).toBe(0);
  });
});
