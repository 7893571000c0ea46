/** Attempts after which every pause is the longest one: 2^16 times any first pause. */
const MAX_DOUBLINGS = 16;

/**
 * The pause before the next attempt, milliseconds: it doubles with each attempt up to `maxMs`.
 *
 * @param attempts made so far, at least 1
 */
export function backOffMs(attempts: number, { firstMs, maxMs }: { firstMs: number; maxMs: number }): number {
  return Math.min(maxMs, firstMs * 2 ** Math.min(attempts - 1, MAX_DOUBLINGS));
}
