import { jest } from '@jest/globals';
import { Deadline, delay, LONGEST_TIMER_MS } from './deadline.js';

beforeEach(() => jest.useFakeTimers());
afterEach(() => jest.useRealTimers());

describe('Deadline', () => {
  it('ends after its time, and starts again at every touch', () => {
    const deadline = new Deadline(undefined, 100);
    jest.advanceTimersByTime(99);
    deadline.touch();
    jest.advanceTimersByTime(99);
    expect(deadline.signal.aborted).toBe(false);
    jest.advanceTimersByTime(1);
    expect([deadline.signal.aborted, deadline.timedOut]).toEqual([true, true]);
  });

  it('never ends with 0, while paused, or once disposed of', () => {
    const deadlines = [
      new Deadline(undefined, 0),
      new Deadline(undefined, 100),
      new Deadline(undefined, 100),
    ];
    deadlines[1]?.pause();
    deadlines[2]?.dispose();
    jest.advanceTimersByTime(1e6);
    expect(deadlines.map(({ signal }) => signal.aborted)).toEqual([false, false, false]);
    expect(jest.getTimerCount()).toBe(0);
  });

  it.each([2 ** 31, 1e12, Infinity])('of %d ms is as long as the longest timer, not 1 ms', (timeoutMs) => {
    const deadline = new Deadline(undefined, timeoutMs);
    jest.advanceTimersByTime(LONGEST_TIMER_MS - 1);
    expect(deadline.signal.aborted).toBe(false);
    jest.advanceTimersByTime(1);
    expect(deadline.timedOut).toBe(true);
  });

  it("passes on the caller's abort with its reason, before and after, and leaves no timer", () => {
    const caller = new AbortController();
    const deadline = new Deadline(caller.signal, 100);
    const reason = new Error('enough');
    caller.abort(reason);
    for (const { signal, timedOut } of [deadline, new Deadline(caller.signal, 100)])
      expect([signal.reason, timedOut]).toEqual([reason, false]);
    expect(jest.getTimerCount()).toBe(0);
  });

  it('lets go of the caller’s signal', () => {
    const caller = new AbortController();
    const deadline = new Deadline(caller.signal, 100);
    deadline.dispose();
    caller.abort();
    expect(deadline.signal.aborted).toBe(false);
  });
});

describe('delay', () => {
  it('lasts as long as told', async () => {
    const done = delay(50);
    jest.advanceTimersByTime(50);
    await expect(done).resolves.toBeUndefined();
  });

  it('of more than the longest timer does not become a pause of 1 ms', async () => {
    let over = false;
    const done = delay(1e12).then(() => (over = true));
    await jest.advanceTimersByTimeAsync(1e6);
    expect(over).toBe(false);
    await jest.advanceTimersByTimeAsync(LONGEST_TIMER_MS);
    await done;
  });

  it("rejects with the signal's reason, before and during, and leaves no timer", async () => {
    const reason = new Error('enough');
    await expect(delay(50, AbortSignal.abort(reason))).rejects.toBe(reason);
    const caller = new AbortController();
    const waiting = delay(50, caller.signal);
    caller.abort(reason);
    await expect(waiting).rejects.toBe(reason);
    expect(jest.getTimerCount()).toBe(0);
  });
});
