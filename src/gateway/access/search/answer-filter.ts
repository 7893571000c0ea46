import { findLists, type FoundList, type SearchedText } from '../../../lib/json/json-lists.js';
import { isObject } from '../../../lib/json/json-object.js';
import type { JsonObject } from '../../../lib/json/strict-json.js';
import type { AnswerFilter } from '../../principal/forward-plan.js';
import type { Later } from '../resolve/later.js';
import type { Access } from '../rules/rule.js';
import { parseExact } from './exact-json.js';

/** Which rows may be seen. */
export interface RowChoice {
  /** Whether a row may be seen, or the name of what decides it; rows themselves are not kept. */
  of(row: JsonObject): boolean | string;
  /** Which of the names are open. */
  open?(names: readonly string[]): Later<ReadonlySet<string>>;
}

/** A longer answer is not read; the client gets 502. */
export const MAX_FILTERED_BYTES = 32 * 1024 * 1024;

/** Rows that are parsed in one go: a few milliseconds. */
const SLICE_BYTES = 64 * 1024;
/** Bytes that are copied in one go. */
const ROWS_IN_SLICE = 10_000;

/**
 * Leaves rows out of a list in an answer, and changes nothing else in it. A long answer is read in slices, so that it
 * holds nobody else up, and takes no more memory than its bytes.
 *
 * @param member of the outermost object
 */
export function rowFilter(member: string, choice: RowChoice): AnswerFilter {
  return {
    maxBytes: MAX_FILTERED_BYTES,
    change: (body) => withChosenRows(body, { member, where: 1 }, choice),
  };
}

/** The same of all lists under a member's name, wherever they stand. */
export function everyListFilter(member: string, choice: RowChoice): AnswerFilter {
  return {
    maxBytes: MAX_FILTERED_BYTES,
    change: (body) => withChosenRows(body, { member, where: 'anywhere' }, choice),
  };
}

/** Rows by the experiments that they say they belong to; one that names none is left out. */
export function byExperiment(experimentOf: (row: JsonObject) => unknown, access: Access): RowChoice {
  return {
    of: (row) => {
      const id = experimentOf(row);
      return (typeof id === 'string' && id !== '') || typeof id === 'number' ? String(id) : false;
    },
    open: async (ids) => {
      const { findings } = await access.decide(
        ids.map((id) => ({ named: { kind: 'experiment', id, at: 'answer' }, level: 'read' })),
      );
      return new Set(findings.filter(({ grant }) => grant !== undefined).map(({ need }) => need.named.id));
    },
  };
}

async function withChosenRows(body: Buffer, searched: SearchedText, choice: RowChoice): Promise<Buffer> {
  const lists = await findLists(body, searched, nextTurn);
  const open = await choose(textsOf(body, lists), choice);
  const left = new Copy(body);
  let from = 0;
  let row = 0;
  for (const { start, end, rows } of lists) {
    left.take(from, start + 1);
    let isFirst = true;
    for (let at = 0; at < rows.length; at += 2) {
      if (row % ROWS_IN_SLICE === 0) await nextTurn();
      if (open[row++] !== true) continue;
      if (!isFirst) left.comma();
      left.take(rows[at] as number, rows[at + 1] as number);
      isFirst = false;
    }
    from = end - 1;
  }
  left.take(from, body.length);
  return left.bytes();
}

/** Parts of a text, one behind the other. */
class Copy {
  private readonly made: Buffer;
  private length = 0;

  constructor(private readonly from: Buffer) {
    this.made = Buffer.allocUnsafe(from.length);
  }

  take(start: number, end: number): void {
    this.length += this.from.copy(this.made, this.length, start, end);
  }

  comma(): void {
    this.length = this.made.writeUInt8(COMMA, this.length);
  }

  bytes(): Buffer {
    return this.made.subarray(0, this.length);
  }
}

const COMMA = 0x2c;

function* textsOf(body: Buffer, lists: readonly FoundList[]): Generator<string> {
  for (const { rows } of lists)
    for (let at = 0; at < rows.length; at += 2) yield body.toString('utf8', rows[at], rows[at + 1]);
}

/**
 * Which rows may be seen, in their order.
 *
 * @param rows as JSON
 * @throws SyntaxError for one that is none
 */
export async function choose(rows: Iterable<string>, choice: RowChoice): Promise<readonly boolean[]> {
  const chosen: (boolean | string)[] = [];
  const names = new Set<string>();
  let inSlice = 0;
  for (const text of rows) {
    const row = parseExact(text);
    const one = isObject(row) && choice.of(row as JsonObject);
    if (typeof one === 'string') names.add(one);
    chosen.push(one);
    inSlice += text.length;
    if (inSlice < SLICE_BYTES) continue;
    inSlice = 0;
    await nextTurn();
  }
  const open = names.size > 0 ? await choice.open?.([...names]) : undefined;
  return chosen.map((one) => (typeof one === 'string' ? open?.has(one) === true : one));
}

/** Others have their turn. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
