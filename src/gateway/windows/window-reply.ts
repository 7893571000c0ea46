import type { SharedTake, SharedTaken, SharedWindow } from './shared-windows.js';

/** A window's bucket and wait are at most this many of its lengths ahead, even if the server's clock is wrong. */
const MOST_LENGTHS_AHEAD = 4;

/**
 * Reads the script's reply. A reply that the script cannot give is an error, so that wrong data from Redis refuses
 * nobody.
 *
 * @throws Error where it is none
 */
export function readWindowReply(
  reply: unknown,
  windows: readonly SharedWindow[],
  { want }: Pick<SharedTake, 'want'>,
): SharedTaken {
  if (!Array.isArray(reply) || !reply.every((value) => Number.isSafeInteger(value))) throw unreadable();
  const [granted = NaN, serverUs = NaN, ...rest] = reply as number[];
  if (granted === -1 && serverUs > 0 && rest.length === 0)
    return { granted, serverMs: serverUs / 1000, remaining: [], resetMs: [], buckets: [] };
  const every = (offset: number): number[] => rest.filter((_, i) => i % 3 === offset);
  const [remaining, resetMs, buckets] = [every(0), every(1), every(2)];
  const serverMs = serverUs / 1000;
  const readable =
    rest.length === windows.length * 3 &&
    serverUs > 0 &&
    granted >= 0 &&
    granted <= want &&
    // Fewer than wanted are granted only where a window has no room left.
    (granted === want || remaining.includes(0)) &&
    windows.every((window, i) =>
      isPossible(window, { remaining: remaining[i], resetMs: resetMs[i], bucket: buckets[i] }, serverMs),
    );
  if (!readable) throw unreadable();
  return { granted, serverMs, remaining, resetMs, buckets };
}

function isPossible(
  { limit, shape: { windowMs, buckets } }: SharedWindow,
  {
    remaining = -1,
    resetMs = -1,
    bucket = -1,
  }: { [Name in 'remaining' | 'resetMs' | 'bucket']?: number | undefined },
  serverMs: number,
): boolean {
  const aheadMs = bucket * (windowMs / buckets) - serverMs;
  return (
    remaining >= 0 &&
    remaining <= limit &&
    resetMs >= 0 &&
    resetMs <= MOST_LENGTHS_AHEAD * windowMs &&
    Math.abs(aheadMs) <= MOST_LENGTHS_AHEAD * windowMs
  );
}

function unreadable(): Error {
  return new Error('the script gave an answer that it cannot give');
}
