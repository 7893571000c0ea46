/** V8 keeps no part of another text that is shorter. */
const SHORTEST_SLICE = 13;

/**
 * A copy of a string that keeps nothing else in memory: a substring of a long string, such as a body, would keep all of
 * it.
 */
export function ownCopy(text: string): string {
  if (text.length < SHORTEST_SLICE) return text;
  return Buffer.from(text, 'utf16le').toString('utf16le');
}
