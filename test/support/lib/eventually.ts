import { endOfOutput, type ChildProgram } from '../programs/child-program.ts';

/** How a condition in another process is awaited: polled, and never for longer than asked. */
export interface EventuallyOptions {
  /** Default 10,000 ms. Time in which a busy machine let this process stand still is not counted. */
  timeoutMs?: number;
  /** Default 20 ms. */
  intervalMs?: number;
  /** What was waited for, for the error. */
  what?: string;
  /** Once it is over, there is nothing to wait for. */
  program?: ChildProgram;
}

/**
 * Polls until `probe` gives something other than `undefined`, `null` or `false`, and returns it.
 * A throwing probe counts as "not yet".
 *
 * @throws Error when the time is up, with the probe's last error as its cause, or the program is over; with the end
 *   of what the program said
 */
export async function eventually<T>(
  probe: () => T | undefined | null | false | Promise<T | undefined | null | false>,
  { timeoutMs = 10_000, intervalMs = 20, what = 'the condition', program }: EventuallyOptions = {},
): Promise<T> {
  let deadline = performance.now() + timeoutMs;
  let last: unknown;
  const said = (): string => (program ? `: ${endOfOutput(program)}` : '');
  for (;;) {
    if (program?.isOver()) throw new Error(`${what}: ended with ${await program.exited}${said()}`);
    try {
      const value = await probe();
      if (value !== undefined && value !== null && value !== false) return value;
      last = undefined;
    } catch (error) {
      last = error;
    }
    if (performance.now() >= deadline)
      throw new Error(`${what} did not come true within ${timeoutMs} ms${said()}`, { cause: last });
    deadline += await pause(intervalMs);
  }
}

/**
 * How often a program that was just started is asked whether it answers: each refused question costs the asker a
 * millisecond of processor time.
 */
export const START_INTERVAL_MS = 100;

/** What a timer is late on a machine that has nothing else to do. */
const LATE_MS = 5;

/**
 * Waits.
 *
 * @returns how many milliseconds longer that took than asked for, without those in which this process itself computed
 */
async function pause(ms: number): Promise<number> {
  const startedAtMs = performance.now();
  const before = process.cpuUsage();
  await new Promise((resolve) => setTimeout(resolve, ms));
  const { user, system } = process.cpuUsage(before);
  return Math.max(0, performance.now() - startedAtMs - ms - LATE_MS - (user + system) / 1000);
}
