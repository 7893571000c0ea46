/**
 * Longest reply that is accepted. None of our commands has a longer answer, and a longer reply would only take memory.
 */
export const MAX_REPLY_BYTES = 8 * 1024 * 1024;
/** Longest line of a simple string, an error or a number. */
const MAX_LINE_BYTES = 64 * 1024;
const MAX_DEPTH = 8;
/** Of an element of an array: a type, a digit, and the end of the line. */
const SHORTEST_BYTES = 4;

const INCOMPLETE = -1;
const CR = 13;
const LF = 10;
const NUMBER = /^-?\d{1,19}$/;

/** The bytes are not a reply of a Redis server. */
export class MalformedReplyError extends Error {
  override readonly name = 'MalformedReplyError';
}

/**
 * Cuts the bytes from a Redis server into whole replies (RESP2), and refuses malformed ones. The client library may
 * read a malformed reply as any value, and puts an unfinished one in front of the first reply of the next connection
 * (docs/decisions/0010-replies-of-redis.md).
 */
export class ReplyFraming {
  private pending: Buffer = Buffer.alloc(0);

  /**
   * @returns the whole replies among what has come so far, undefined if there is none
   * @throws MalformedReplyError
   */
  push(chunk: Buffer): Buffer | undefined {
    const bytes = this.pending.length === 0 ? chunk : Buffer.concat([this.pending, chunk]);
    let end = 0;
    while (end < bytes.length) {
      const next = replyEnd(bytes, end, 0);
      if (next === INCOMPLETE) break;
      end = next;
    }
    this.pending = bytes.subarray(end);
    if (this.pending.length > MAX_REPLY_BYTES) throw new MalformedReplyError('a reply is too long');
    return end === 0 ? undefined : bytes.subarray(0, end);
  }
}

/** Where the reply that begins at `start` ends; INCOMPLETE where the bytes do not hold all of it. */
function replyEnd(bytes: Buffer, start: number, depth: number): number {
  const type = String.fromCharCode(bytes[start] ?? 0);
  if (!'+-:$*'.includes(type)) throw new MalformedReplyError('a reply begins with no type');
  const lineEnd = endOfLine(bytes, start);
  if (lineEnd === INCOMPLETE) return INCOMPLETE;
  if (type === '+' || type === '-') return lineEnd;
  const number = numberOf(bytes.toString('latin1', start + 1, lineEnd - 2));
  if (type === ':') return lineEnd;
  if (number < -1 || number > MAX_REPLY_BYTES) throw new MalformedReplyError('a reply has no such length');
  if (number === -1) return lineEnd;
  return type === '$' ? bulkEnd(bytes, lineEnd + number) : arrayEnd(bytes, lineEnd, number, depth + 1);
}

function endOfLine(bytes: Buffer, start: number): number {
  const at = bytes.indexOf(CR, start + 1);
  const length = (at < 0 ? bytes.length : at) - start;
  if (length > MAX_LINE_BYTES) throw new MalformedReplyError('a line is too long');
  if (at < 0 || at + 1 === bytes.length) return INCOMPLETE;
  if (bytes[at + 1] !== LF) throw new MalformedReplyError('a line has no end');
  return at + 2;
}

function numberOf(text: string): number {
  if (!NUMBER.test(text)) throw new MalformedReplyError('a number is none');
  return Number(text);
}

function bulkEnd(bytes: Buffer, at: number): number {
  if (bytes.length < at + 2) return INCOMPLETE;
  if (bytes[at] !== CR || bytes[at + 1] !== LF) throw new MalformedReplyError('a string has another length');
  return at + 2;
}

function arrayEnd(bytes: Buffer, start: number, length: number, depth: number): number {
  if (depth > MAX_DEPTH) throw new MalformedReplyError('a reply is nested too deeply');
  if (length * SHORTEST_BYTES > MAX_REPLY_BYTES) throw new MalformedReplyError('a reply is too long');
  let end = start;
  for (let i = 0; i < length; i++) {
    if (end >= bytes.length) return INCOMPLETE;
    end = replyEnd(bytes, end, depth);
    if (end === INCOMPLETE) return INCOMPLETE;
  }
  return end;
}
