/** V8 copies a substring that is shorter than this; a longer one refers to the original string. */
const SHORTEST_SLICE = 13;

/**
 * A copy of a string that keeps nothing else in memory. A substring of a long string, such as a body, would keep the
 * whole string in memory.
 */
export function ownCopy(text: string): string {
  if (text.length < SHORTEST_SLICE) return text;
  return Buffer.from(text, 'utf16le').toString('utf16le');
}
