import { jest } from '@jest/globals';
import { RepeatedWork } from './repeated-work.js';

beforeEach(() => {
  jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask'] });
});
afterEach(() => {
  jest.useRealTimers();
});

/** Work whose runs end when the test says so. */
function heldWork(): { work: RepeatedWork<number>; runs: () => number; end: () => Promise<void> } {
  let runs = 0;
  let end = (): void => undefined;
  const work = new RepeatedWork(async () => {
    runs += 1;
    const run = runs;
    await new Promise<void>((resolve) => (end = resolve));
    return run;
  });
  return {
    work,
    runs: () => runs,
    end: async () => {
      end();
      await new Promise(setImmediate);
    },
  };
}

it('work runs when it is started, and again after each interval', async () => {
  const { work, runs, end } = heldWork();
  work.start(1000);
  expect(runs()).toBe(1);
  await end();
  jest.advanceTimersByTime(999);
  expect(runs()).toBe(1);
  jest.advanceTimersByTime(1);
  expect(runs()).toBe(2);
});

it('no second run begins while one is under way', async () => {
  const { work, runs, end } = heldWork();
  work.start(1000);
  jest.advanceTimersByTime(5000);
  expect(runs()).toBe(1);
  await end();
  jest.advanceTimersByTime(1000);
  expect(runs()).toBe(2);
});

it('who asks during a run gets the result of one that begins after it, shared by all who ask meanwhile', async () => {
  const { work, runs, end } = heldWork();
  work.start(1000);
  const asked = Promise.all([work.run(), work.run()]);
  await end();
  expect(runs()).toBe(2);
  const later = work.run();
  await end();
  expect(await asked).toEqual([2, 2]);
  await end();
  expect(await later).toBe(3);
});

it('a stop waits for the run that was asked for while another was under way', async () => {
  const { work, end } = heldWork();
  work.start(1000);
  const asked = work.run();
  let ended = false;
  const stopped = work.stop().then(() => (ended = true));
  await end();
  expect(ended).toBe(false);
  await end();
  await stopped;
  expect(await asked).toBe(2);
});

it('a stop waits for the run under way, which can see that it should end, and no run begins afterwards', async () => {
  const { work, runs, end } = heldWork();
  work.start(1000);
  let ended = false;
  const stopped = work.stop().then(() => (ended = true));
  await new Promise(setImmediate);
  expect({ ended, stopping: work.stopping }).toEqual({ ended: false, stopping: true });
  await end();
  await stopped;
  jest.advanceTimersByTime(5000);
  expect(runs()).toBe(1);
});

it('a run that failed does not keep the next one from starting', async () => {
  const outcomes = [() => Promise.reject(new Error('database is down')), () => Promise.resolve('done')];
  const work = new RepeatedWork(() => outcomes.shift()!());
  await expect(work.run()).rejects.toThrow('database is down');
  expect(await work.run()).toBe('done');
});
