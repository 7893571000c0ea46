/** The literals of JSON, and those that Python writes in addition. */
export const WORDS: readonly (readonly [word: string, value: number | boolean | null])[] = [
  ['true', true],
  ['false', false],
  ['null', null],
  ['NaN', NaN],
  ['Infinity', Infinity],
  ['-Infinity', -Infinity],
];

/** Letters behind a backslash, and what each of them is (RFC 8259, 7). */
const LETTERS = '"\\/bfnrt';
const CHARACTERS = '"\\/\b\f\n\r\t';

/**
 * The character that an escape in a JSON string stands for, and the length of the escape; undefined if it is not a
 * valid escape.
 */
export function escapeAt(text: string, at: number): { character: string; length: number } | undefined {
  const kind = text[at + 1] ?? '';
  if (kind === 'u') {
    const digits = text.slice(at + 2, at + 6);
    if (!/^[0-9a-fA-F]{4}$/.test(digits)) return undefined;
    return { character: String.fromCharCode(parseInt(digits, 16)), length: 6 };
  }
  const character = kind === '' ? undefined : CHARACTERS[LETTERS.indexOf(kind)];
  return character === undefined ? undefined : { character, length: 2 };
}
