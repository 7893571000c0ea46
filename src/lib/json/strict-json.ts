import { escapeAt, WORDS } from './json-tokens.js';
import { newMembers } from './members.js';

/** A parsed JSON value; objects have no prototype, so that no member name has a special meaning. */
export type Json = string | number | boolean | null | readonly Json[] | JsonObject;
export interface JsonObject {
  readonly [name: string]: Json;
}

export type StrictJson =
  | {
      readonly value: JsonObject;
      /** How many values there are, lists and objects among them. */
      readonly values: number;
    }
  | { readonly fault: JsonFault };

/** Why a body is refused, as words that follow "the body". */
export type JsonFault =
  | 'is no valid UTF-8'
  | 'is no JSON object'
  | 'has a member twice'
  | 'is nested too deeply'
  | 'holds too many values'
  | 'has half of a character';

const DEEPEST = 128;

/** Characters and values that are read in one go: about a millisecond. */
const SLICE = 256 * 1024;
const VALUES_IN_SLICE = 5000;
/**
 * Limit for values: many small ones can take a hundred times the length of the text in memory. MLflow's largest
 * requests have 10,000.
 */
const MAX_VALUES = 250_000;

/**
 * Reads a body in the only form that every parser reads in the same way. It is stricter than RFC 8259: an object in
 * UTF-8 without a byte order mark, no member twice in one object in any spelling, no half of a surrogate pair, no deep
 * nesting. `NaN` and `Infinity` are accepted, because Python writes them.
 *
 * @param maxValues how many it may hold, lists and objects among them
 */
export function readStrictJson(bytes: Uint8Array, maxValues = MAX_VALUES): StrictJson {
  return refusing(() => {
    const scanner = new Scanner(textOf(bytes), maxValues);
    scanner.run(Infinity, Infinity);
    return { value: scanner.root, values: scanner.values };
  });
}

/**
 * The same for a long text, in slices.
 *
 * @param pause awaited between two slices, so that others have their turn; it is told how many values were read so far
 */
export async function readLongStrictJson(
  bytes: Uint8Array,
  pause: (values: number) => Promise<void>,
  maxValues = MAX_VALUES,
): Promise<StrictJson> {
  const begun = refusing(() => ({ scanner: new Scanner(textOf(bytes), maxValues) }));
  if ('fault' in begun) return begun;
  const { scanner } = begun;
  for (;;) {
    const step = refusing(() => ({ done: scanner.run(SLICE, VALUES_IN_SLICE) }));
    if ('fault' in step) return step;
    const { root: value, values } = scanner;
    if (step.done) return { value, values };
    await pause(values);
  }
}

function refusing<Result>(read: () => Result): Result | { readonly fault: JsonFault } {
  try {
    return read();
  } catch (error) {
    if (error instanceof Refusal) return { fault: error.fault };
    throw error;
  }
}

function textOf(bytes: Uint8Array): string {
  try {
    return UTF_8.decode(bytes);
  } catch {
    throw new Refusal('is no valid UTF-8');
  }
}

// A byte order mark is kept, and is then refused as invalid JSON.
const UTF_8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

class Refusal extends Error {
  constructor(readonly fault: JsonFault) {
    super(fault);
  }
}

const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
/** A string without escapes: nearly all of them. */
// eslint-disable-next-line no-control-regex -- control characters are exactly what is looked for
const SIMPLE = /"[^"\\\u0000-\u001f]*"/y;
/** The next character of a string that is not simply part of it. */
// eslint-disable-next-line no-control-regex -- control characters are exactly what is looked for
const SPECIAL = /["\\\u0000-\u001f]/g;

/** An object or a list whose end has not been read. */
type Open =
  | { readonly members: Record<string, Json>; name: string }
  | { readonly entries: Json[]; readonly members?: undefined };

/** What the scanner expects next. */
type State = 'value' | 'first-value' | 'first-name' | 'name' | 'after' | 'string' | 'done';

/** Can stop between any two tokens and inside a string: open objects and lists are not on the call stack. */
class Scanner {
  root: JsonObject = newMembers<Json>();
  values = 1;
  private at = 0;
  private readonly open: Open[] = [];
  private state: State = 'value';
  /** The string that is being read: the part read so far, and whether it is the name of a member. */
  private read = '';
  private isName = false;

  constructor(
    private readonly text: string,
    private readonly maxValues: number,
  ) {
    this.skipBlanks();
    if (text[this.at] !== '{') throw new Refusal('is no JSON object');
  }

  /** @returns whether all has been read, after about as many characters or values */
  run(characters: number, values: number): boolean {
    const stop = this.at + characters;
    const lastValue = this.values + values;
    while (this.state !== 'done') {
      if (this.at > stop || this.values > lastValue) return false;
      this.step(stop);
    }
    return true;
  }

  private step(stop: number): void {
    if (this.state === 'string') {
      this.string(stop);
      return;
    }
    this.skipBlanks();
    switch (this.state) {
      case 'first-value':
        if (this.take(']')) this.close();
        else this.value();
        return;
      case 'first-name':
        if (this.take('}')) this.close();
        else this.begin(true);
        return;
      case 'name':
        this.begin(true);
        return;
      case 'after':
        this.after();
        return;
      case 'value':
      case 'done':
      default:
        this.value();
    }
  }

  private value(): void {
    const first = this.text[this.at];
    if (first === '"') this.begin(false);
    else if (first === '{') this.push({ members: newMembers<Json>(), name: '' });
    else if (first === '[') this.push({ entries: [] });
    else this.put(this.wordOrNumber());
  }

  private push(opened: Open): void {
    if (this.open.length >= DEEPEST) throw new Refusal('is nested too deeply');
    this.open.push(opened);
    this.at += 1;
    this.state = opened.members ? 'first-name' : 'first-value';
  }

  private close(): void {
    const closed = this.open.pop() as Open;
    if (this.open.length > 0) {
      this.put(closed.members ?? closed.entries);
      return;
    }
    this.root = closed.members as JsonObject;
    this.skipBlanks();
    if (this.at < this.text.length) throw new Refusal('is no JSON object');
    this.state = 'done';
  }

  /** Adds a value to the innermost open object or list. */
  private put(value: Json): void {
    const into = this.open.at(-1) as Open;
    if (++this.values > this.maxValues) throw new Refusal('holds too many values');
    if (into.members) into.members[into.name] = value;
    else into.entries.push(value);
    this.state = 'after';
  }

  private after(): void {
    const { members } = this.open.at(-1) as Open;
    if (this.take(members ? '}' : ']')) this.close();
    else {
      this.require(',');
      this.state = members ? 'name' : 'value';
    }
  }

  private begin(isName: boolean): void {
    this.isName = isName;
    SIMPLE.lastIndex = this.at;
    if (SIMPLE.test(this.text)) {
      this.read = this.text.slice(this.at + 1, SIMPLE.lastIndex - 1);
      this.at = SIMPLE.lastIndex;
      this.endOfString();
      return;
    }
    this.require('"');
    this.read = '';
    this.state = 'string';
  }

  private string(stop: number): void {
    const { text } = this;
    while (this.at <= stop) {
      SPECIAL.lastIndex = this.at;
      if (!SPECIAL.test(text)) throw new Refusal('is no JSON object');
      const at = SPECIAL.lastIndex - 1;
      this.read += text.slice(this.at, at);
      if (text[at] === '"') {
        this.at = at + 1;
        this.endOfString();
        return;
      }
      if (text[at] !== '\\') throw new Refusal('is no JSON object');
      const escape = escapeAt(text, at);
      if (escape === undefined) throw new Refusal('is no JSON object');
      this.read += escape.character;
      this.at = at + escape.length;
    }
  }

  private endOfString(): void {
    const value = this.read;
    if (!value.isWellFormed()) throw new Refusal('has half of a character');
    if (!this.isName) {
      this.put(value);
      return;
    }
    const into = this.open.at(-1) as Extract<Open, { name: string }>;
    if (value in into.members) throw new Refusal('has a member twice');
    into.name = value;
    this.skipBlanks();
    this.require(':');
    this.state = 'value';
  }

  private wordOrNumber(): Json {
    const { text, at } = this;
    NUMBER.lastIndex = at;
    if (NUMBER.test(text)) {
      this.at = NUMBER.lastIndex;
      return Number(text.slice(at, this.at));
    }
    const word = WORDS.find(([name]) => text.startsWith(name, at));
    if (word === undefined) throw new Refusal('is no JSON object');
    this.at += word[0].length;
    return word[1];
  }

  private skipBlanks(): void {
    for (;;) {
      const code = this.text.charCodeAt(this.at);
      if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return;
      this.at += 1;
    }
  }

  private take(character: string): boolean {
    const isThere = this.text[this.at] === character;
    if (isThere) this.at += 1;
    return isThere;
  }

  private require(character: string): void {
    if (!this.take(character)) throw new Refusal('is no JSON object');
  }
}
