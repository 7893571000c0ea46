import { styleText } from 'node:util';
import type { CliIo } from './cli-io.js';
import type { CliError } from '../cli-error.js';
import { redactKeys } from '../../sdk/index.js';
import { printable, printableJson, printableLine } from './text.js';

/** A column of a table: its heading, and the text of a row in it. */
export interface Column<Row> {
  heading: string;
  text: (row: Row) => string;
}

type Style = Parameters<typeof styleText>[0];

/**
 * The only writer of the two streams. Results go to standard output: JSON with `--json`, tables for people. Everything
 * else goes to standard error, and never contains a key.
 */
export class Output {
  constructor(
    private readonly io: Pick<CliIo, 'stdout' | 'stderr'>,
    readonly json: boolean,
  ) {}

  /** The result as JSON, for programs. */
  data(value: unknown): void {
    this.io.stdout.write(`${printableJson(value)}\n`);
  }

  /**
   * A line of the result, for people.
   *
   * @param mark what stands before it as it is, such as a coloured word
   */
  line(text: string, mark = ''): void {
    this.io.stdout.write(`${mark}${printable(text)}\n`);
  }

  /** A new key, alone on its line of standard output: the only place where a key is ever written. */
  key(key: string): void {
    this.io.stdout.write(`${printableLine(key)}\n`);
  }

  /** A note for a person, to standard error. */
  note(text: string, mark = ''): void {
    this.io.stderr.write(`${mark}${printable(redactKeys(text))}\n`);
  }

  warning(text: string): void {
    this.note(` ${text}`, this.style('yellow', 'Warning:'));
  }

  error(error: CliError): void {
    if (this.json) {
      const { message, next, requestId, exitCode } = error;
      const body = { error: { message, next, request_id: requestId, exit_code: exitCode } };
      this.io.stderr.write(`${redactKeys(printableJson(body))}\n`);
      return;
    }
    const next = error.next?.replace(/^[A-Z](?=[a-z ])/, (letter) => letter.toLowerCase());
    const sentence = next === undefined ? error.message : `${error.message.replace(/\.$/, '')}: ${next}`;
    this.note(` ${printableLine(sentence)}`, this.style('red', 'Error:'));
    if (error.requestId !== undefined) this.note(`Request id: ${error.requestId}`);
  }

  /** Rows under headings, as wide as they need to be. */
  table<Row>(columns: readonly Column<Row>[], rows: readonly Row[]): void {
    for (const line of tableLines(columns, rows)) this.line(line);
  }

  /** Names and values, one a line, to standard error. */
  details(entries: readonly (readonly [name: string, value: string])[]): void {
    for (const line of detailLines(entries)) this.note(line);
  }

  /** Colours a string for a stream that is a terminal; `NO_COLOR` and similar variables are honoured. */
  style(style: Style, text: string, stream: 'stdout' | 'stderr' = 'stderr'): string {
    return this.io[stream].isTTY === true ? styleText(style, text, { stream: this.io[stream] }) : text;
  }
}

export function tableLines<Row>(columns: readonly Column<Row>[], rows: readonly Row[]): string[] {
  const cells = rows.map((row) => columns.map((column) => printableLine(column.text(row))));
  const all = [columns.map((column) => column.heading), ...cells];
  const widths = columns.map((_, i) => Math.max(...all.map((line) => lengthOf(line[i] ?? ''))));
  return all.map((line) =>
    line
      .map((cell, i) => pad(cell, widths[i] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}

export function detailLines(entries: readonly (readonly [name: string, value: string])[]): string[] {
  const width = Math.max(...entries.map(([name]) => name.length));
  return entries.map(([name, value]) => `  ${`${name}:`.padEnd(width + 1)}  ${printableLine(value)}`);
}

function lengthOf(text: string): number {
  return [...text].length;
}

function pad(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - lengthOf(text)));
}
