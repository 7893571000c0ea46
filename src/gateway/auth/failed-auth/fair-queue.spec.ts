import { setImmediate as turn } from 'node:timers/promises';
import { FairQueue } from './fair-queue.js';

const forEver = new AbortController().signal;

/** Who went in, in order; each comes from the lane of the same name. */
async function queueUp(queue: FairQueue, entrants: readonly string[], signal = forEver) {
  const admitted: string[] = [];
  const refused: string[] = [];
  for (const name of entrants)
    void queue
      .enter(name.split('-')[0] as string, signal)
      .then((isIn) => (isIn ? admitted : refused).push(name));
  await turn();
  return { admitted, refused };
}

const lane = (name: string, count: number): string[] =>
  Array.from({ length: count }, (_one, n) => `${name}-${n}`);

describe('FairQueue', () => {
  it('lets in as many at once as there are places, and one more for each who leaves', async () => {
    const queue = new FairQueue(2, 10);
    const { admitted } = await queueUp(queue, lane('a', 4));
    expect(admitted).toEqual(['a-0', 'a-1']);
    queue.leave();
    await turn();
    expect([admitted, queue.waiting]).toEqual([['a-0', 'a-1', 'a-2'], 1]);
  });

  it('lanes take turns: whoever comes alone waits for one turn of each lane before it, not for their lines', async () => {
    const queue = new FairQueue(1, 10_000);
    const { admitted } = await queueUp(queue, [...lane('flood', 5000), ...lane('other', 3), 'victim-0']);
    for (let n = 0; n < 6; n++) queue.leave();
    await turn();
    expect(admitted).toEqual(['flood-0', 'flood-1', 'other-0', 'victim-0', 'flood-2', 'other-1', 'flood-3']);
  });

  it('ends a wait with its signal and gives the place to the next', async () => {
    const queue = new FairQueue(1, 10);
    await queueUp(queue, ['a-0']);
    const patience = new AbortController();
    const impatient = await queueUp(queue, lane('a', 3), patience.signal);
    const patient = await queueUp(queue, ['b-0']);
    patience.abort();
    await turn();
    expect(impatient).toEqual({ admitted: [], refused: lane('a', 3) });
    expect(queue.waiting).toBe(1);
    queue.leave();
    await turn();
    expect(patient.admitted).toEqual(['b-0']);
    expect((await queueUp(queue, ['a-9'], patience.signal)).refused).toEqual(['a-9']);
  });

  it('where all is full, the longest lane loses its last', async () => {
    const queue = new FairQueue(1, 5);
    await queueUp(queue, ['a-0']);
    const flood = await queueUp(queue, lane('flood', 7));
    expect(flood.refused).toEqual(['flood-5', 'flood-6']);
    const victim = await queueUp(queue, ['victim-0']);
    expect([flood.refused.at(-1), victim.refused, queue.waiting]).toEqual(['flood-4', [], 5]);
  });

  it('holds nothing once all have left', async () => {
    const queue = new FairQueue(2, 10);
    await queueUp(queue, [...lane('a', 3), ...lane('b', 3)]);
    for (let n = 0; n < 6; n++) queue.leave();
    await turn();
    expect(queue.waiting).toBe(0);
    expect((await queueUp(queue, lane('c', 3))).admitted).toEqual(['c-0', 'c-1']);
  });
});
