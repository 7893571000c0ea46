import { together } from './together.mjs';

interface Step {
  readonly run: () => Promise<void>;
  readonly end: () => void;
  readonly fail: () => void;
}

/** Steps that end when they are told to; `begun` are their numbers. */
function stepsOf(count: number): { steps: readonly Step[]; begun: number[] } {
  const begun: number[] = [];
  const steps = Array.from({ length: count }, (_one, n) => {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const run = (): Promise<void> => {
      begun.push(n);
      return promise;
    };
    return { run, end: resolve, fail: () => reject(new Error(`step ${n}`)) };
  });
  return { steps, begun };
}

/** What follows from what was ended has happened. */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('together', () => {
  it('runs two steps at a time, and begins them in their order', async () => {
    const { steps, begun } = stepsOf(4);
    const all = together(steps.map(({ run }) => run));
    expect(begun).toEqual([0, 1]);
    steps[1]?.end();
    await settled();
    expect(begun).toEqual([0, 1, 2]);
    for (const { end } of steps) end();
    await all;
    expect(begun).toEqual([0, 1, 2, 3]);
  });

  it('after a failure begins none, waits for the one that is under way, and gives the first failure', async () => {
    const { steps, begun } = stepsOf(3);
    let outcome = '';
    const all = together(steps.map(({ run }) => run)).catch((error: Error) => (outcome = error.message));
    steps[0]?.fail();
    await settled();
    expect([begun, outcome]).toEqual([[0, 1], '']);
    steps[1]?.fail();
    await all;
    expect([begun, outcome]).toEqual([[0, 1], 'step 0']);
  });
});
