/** A copy of a text that keeps nothing else in memory: a part of a long text, such as a body, would keep all of it. */
export function ownCopy(text: string): string {
  return Buffer.from(text, 'utf16le').toString('utf16le');
}
