/** What JSON comes to; objects have no prototype, so that no name means anything. */
export type Json = string | number | boolean | null | readonly Json[] | JsonObject;
export interface JsonObject {
  readonly [name: string]: Json;
}

export type StrictJson = { readonly value: JsonObject } | { readonly fault: JsonFault };

/** Why a text is refused, as words that follow "the body". */
export type JsonFault =
  | 'is no valid UTF-8'
  | 'is no JSON object'
  | 'has a member twice'
  | 'is nested too deeply'
  | 'has half of a character';

const DEEPEST = 128;

/**
 * Reads a body in the one form that every parser reads alike, which is narrower than RFC 8259: an object in UTF-8 without
 * a byte order mark, no member twice in one object whatever its spelling, no half of a surrogate pair, no deep nesting.
 * `NaN` and `Infinity` are taken, because Python writes them.
 */
export function readStrictJson(bytes: Uint8Array): StrictJson {
  let text: string;
  try {
    text = UTF_8.decode(bytes);
  } catch {
    return { fault: 'is no valid UTF-8' };
  }
  try {
    return { value: new Scanner(text).document() };
  } catch (error) {
    if (error instanceof Refusal) return { fault: error.fault };
    throw error;
  }
}

// A byte order mark stays in the text, where it is no JSON.
const UTF_8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

class Refusal extends Error {
  constructor(readonly fault: JsonFault) {
    super(fault);
  }
}

const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const WORDS: readonly (readonly [string, Json])[] = [
  ['true', true],
  ['false', false],
  ['null', null],
  ['NaN', NaN],
  ['Infinity', Infinity],
  ['-Infinity', -Infinity],
];
const ESCAPES: Readonly<Record<string, string>> = {
  '"': '"',
  '\\': '\\',
  '/': '/',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
};
/** The next character of a string that is not simply part of it. */
// eslint-disable-next-line no-control-regex -- control characters are exactly what is looked for
const SPECIAL = /["\\\u0000-\u001f]/g;
const HALF_PAIR = /\p{Surrogate}/u;

class Scanner {
  private at = 0;

  constructor(private readonly text: string) {}

  document(): JsonObject {
    this.skipBlanks();
    if (this.text[this.at] !== '{') throw new Refusal('is no JSON object');
    const value = this.object(1);
    this.skipBlanks();
    if (this.at < this.text.length) throw new Refusal('is no JSON object');
    return value;
  }

  private value(depth: number): Json {
    const first = this.text[this.at];
    if (first === '{') return this.object(depth);
    if (first === '[') return this.list(depth);
    return first === '"' ? this.string() : this.wordOrNumber();
  }

  private object(depth: number): JsonObject {
    if (depth > DEEPEST) throw new Refusal('is nested too deeply');
    const members = Object.create(null) as Record<string, Json>;
    this.at += 1;
    this.skipBlanks();
    if (this.take('}')) return members;
    for (;;) {
      if (this.text[this.at] !== '"') throw new Refusal('is no JSON object');
      const name = this.string();
      if (name in members) throw new Refusal('has a member twice');
      this.skipBlanks();
      this.require(':');
      this.skipBlanks();
      members[name] = this.value(depth + 1);
      this.skipBlanks();
      if (this.take('}')) return members;
      this.require(',');
      this.skipBlanks();
    }
  }

  private list(depth: number): Json[] {
    if (depth > DEEPEST) throw new Refusal('is nested too deeply');
    const entries: Json[] = [];
    this.at += 1;
    this.skipBlanks();
    if (this.take(']')) return entries;
    for (;;) {
      entries.push(this.value(depth + 1));
      this.skipBlanks();
      if (this.take(']')) return entries;
      this.require(',');
      this.skipBlanks();
    }
  }

  private string(): string {
    const { text } = this;
    let from = this.at + 1;
    let value = '';
    for (;;) {
      SPECIAL.lastIndex = from;
      const at = SPECIAL.exec(text)?.index;
      if (at === undefined) throw new Refusal('is no JSON object');
      value += text.slice(from, at);
      if (text[at] === '"') {
        this.at = at + 1;
        break;
      }
      if (text[at] !== '\\') throw new Refusal('is no JSON object');
      const [character, length] = escapeAt(text, at);
      value += character;
      from = at + length;
    }
    if (HALF_PAIR.test(value)) throw new Refusal('has half of a character');
    return value;
  }

  private wordOrNumber(): Json {
    const word = WORDS.find(([name]) => this.text.startsWith(name, this.at));
    if (word !== undefined) {
      this.at += word[0].length;
      return word[1];
    }
    NUMBER.lastIndex = this.at;
    const digits = NUMBER.exec(this.text)?.[0];
    if (digits === undefined) throw new Refusal('is no JSON object');
    this.at += digits.length;
    return Number(digits);
  }

  private skipBlanks(): void {
    for (;;) {
      const code = this.text.charCodeAt(this.at);
      if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return;
      this.at += 1;
    }
  }

  private take(character: string): boolean {
    if (this.text[this.at] !== character) return false;
    this.at += 1;
    return true;
  }

  private require(character: string): void {
    if (!this.take(character)) throw new Refusal('is no JSON object');
  }
}

/** @returns the character of an escape, and how long the escape is */
function escapeAt(text: string, at: number): [character: string, length: number] {
  const kind = text[at + 1] ?? '';
  if (kind !== 'u') {
    const character = Object.hasOwn(ESCAPES, kind) ? ESCAPES[kind] : undefined;
    if (character === undefined) throw new Refusal('is no JSON object');
    return [character, 2];
  }
  const digits = text.slice(at + 2, at + 6);
  if (!/^[0-9a-fA-F]{4}$/.test(digits)) throw new Refusal('is no JSON object');
  return [String.fromCharCode(parseInt(digits, 16)), 6];
}
