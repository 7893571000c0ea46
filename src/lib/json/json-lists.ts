/** A list in a JSON text, as byte positions. */
export interface FoundList {
  /** Position of its opening bracket. */
  readonly start: number;
  /** Position after its closing bracket. */
  readonly end: number;
  /** Where each row starts and ends, alternating: there may be millions. */
  readonly rows: readonly number[];
}

export interface SearchedText {
  readonly member: string;
  /**
   * Depth of the objects that are searched, 1 for the outermost one, or any depth. Lists inside of a found list are
   * not searched.
   */
  readonly where: number | 'anywhere';
}

/** Bytes that are read in one go: a few milliseconds. */
const SLICE_BYTES = 64 * 1024;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COLON = 0x3a;
const COMMA = 0x2c;
const LIST = 0x5b;
const LIST_END = 0x5d;
const OBJECT = 0x7b;
const OBJECT_END = 0x7d;

/**
 * Finds the lists under a member's name and their rows without parsing the text, so that a long text is read in slices
 * and takes no more memory than its bytes. It reads only brackets and strings: the caller parses the rows that it
 * uses.
 *
 * @param bytes an object as JSON (RFC 8259) in UTF-8
 * @param pause awaited between two slices, so that others have their turn
 * @throws SyntaxError if brackets or quotes do not match, the text is no object, the member is neither a list nor
 *   null, or stands twice so deep
 */
export async function findLists(
  bytes: Buffer,
  searched: SearchedText,
  pause: () => Promise<void>,
): Promise<readonly FoundList[]> {
  const scanner = new Scanner(bytes, searched);
  while (!scanner.run(SLICE_BYTES)) await pause();
  return scanner.found;
}

class Scanner {
  readonly found: FoundList[] = [];
  private readonly open: number[] = [];
  private at = 0;
  private begun = false;
  private list: { readonly start: number; readonly depth: number; readonly rows: number[] } | undefined;
  private rowStart = -1;
  /** Behind the last byte of the row that is being read. */
  private rowEnd = -1;
  private hasMember = false;

  constructor(
    private readonly bytes: Buffer,
    private readonly searched: SearchedText,
  ) {}

  /** @returns whether the whole text has been read */
  run(budget: number): boolean {
    const { bytes } = this;
    const until = Math.min(bytes.length, this.at + budget);
    while (this.at < until) this.step(bytes[this.at] as number);
    if (this.at < bytes.length) return false;
    if (!this.begun || this.open.length > 0) throw new SyntaxError('the text is no whole object');
    return true;
  }

  private step(byte: number): void {
    if (isBlank(byte)) {
      this.at += 1;
      return;
    }
    if (this.begun && this.open.length === 0) throw new SyntaxError('there is something after the object');
    if (byte === OBJECT || byte === LIST) this.opens(byte);
    else if (byte === OBJECT_END || byte === LIST_END) this.closes(byte);
    else if (byte === QUOTE) this.string();
    else if (byte === COMMA) this.separates();
    else this.passes(this.at + 1);
  }

  private opens(byte: number): void {
    if (!this.begun && byte !== OBJECT) throw new SyntaxError('the text is no object');
    this.begun = true;
    this.passes(this.at + 1);
    this.open.push(byte);
  }

  private closes(byte: number): void {
    const opened = this.open.at(-1);
    if (opened !== (byte === OBJECT_END ? OBJECT : LIST)) throw new SyntaxError('brackets do not match');
    if (this.list?.depth === this.open.length) {
      this.endRow();
      this.found.push({ start: this.list.start, end: this.at + 1, rows: this.list.rows });
      this.list = undefined;
    }
    this.open.pop();
    this.passes(this.at + 1);
  }

  private separates(): void {
    if (this.list?.depth === this.open.length) this.endRow();
    this.at += 1;
  }

  private string(): void {
    if (!this.begun) throw new SyntaxError('the text is no object');
    const { bytes } = this;
    let end = this.at;
    do end = bytes.indexOf(QUOTE, end + 1);
    while (end >= 0 && this.isEscaped(end));
    if (end < 0) throw new SyntaxError('a string does not end');
    const start = this.at;
    this.passes(end + 1);
    if (this.list !== undefined || !this.isSearchedPlace()) return;
    const colon = this.behindBlanks(end + 1);
    if (bytes[colon] !== COLON || this.textOf(start, end + 1) !== this.searched.member) return;
    this.value(this.behindBlanks(colon + 1));
  }

  /** The value of the member that is searched. */
  private value(at: number): void {
    if (this.searched.where !== 'anywhere' && this.hasMember)
      throw new SyntaxError(`"${this.searched.member}" is there twice`);
    this.hasMember = true;
    if (this.bytes.subarray(at, at + 4).equals(NULL)) {
      this.at = at + 4;
      return;
    }
    if (this.bytes[at] !== LIST) throw new SyntaxError(`"${this.searched.member}" is no list`);
    this.at = at + 1;
    this.open.push(LIST);
    this.list = { start: at, depth: this.open.length, rows: [] };
    this.rowStart = -1;
  }

  private isSearchedPlace(): boolean {
    if (this.open.at(-1) !== OBJECT) return false;
    return this.searched.where === 'anywhere' || this.searched.where === this.open.length;
  }

  /** A part of a value was read: if the list's own brackets are the innermost, the part belongs to a row. */
  private passes(to: number): void {
    if (this.list?.depth === this.open.length) {
      if (this.rowStart < 0) this.rowStart = this.at;
      this.rowEnd = to;
    }
    this.at = to;
  }

  private endRow(): void {
    if (this.rowStart >= 0) this.list?.rows.push(this.rowStart, this.rowEnd);
    this.rowStart = -1;
  }

  private isEscaped(quote: number): boolean {
    let before = quote;
    while (this.bytes[before - 1] === BACKSLASH) before -= 1;
    return (quote - before) % 2 === 1;
  }

  private behindBlanks(from: number): number {
    let at = from;
    while (isBlank(this.bytes[at] as number)) at += 1;
    return at;
  }

  private textOf(start: number, end: number): unknown {
    return JSON.parse(this.bytes.toString('utf8', start, end));
  }
}

const NULL = Buffer.from('null');

function isBlank(byte: number): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
}
