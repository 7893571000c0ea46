import type { ServerResponse } from 'node:http';

/** Characters that begin a formula in spreadsheets. */
const FORMULA = /^(?=[=+\-@\t\r])/;
/** The same after the end of a cell: in many countries the separator is a semicolon. */
const FORMULA_WITHIN = /([;\t\r\n] *)(?=[=+\-@])/g;

/** Lines of RFC 4180. A text that a spreadsheet would run as a formula gets an apostrophe before it. */
export function csvOf(rows: readonly (readonly (string | number | null)[])[]): string {
  return rows.map((cells) => `${cells.map(cell).join(',')}\r\n`).join('');
}

export function sendCsv(response: ServerResponse, fileName: string, text: string): void {
  response.setHeader('content-type', 'text/csv; charset=utf-8');
  response.setHeader('content-disposition', `attachment; filename="${fileName}"`);
  response.setHeader('x-content-type-options', 'nosniff');
  response.end(text);
}

function cell(value: string | number | null): string {
  if (typeof value === 'number') return String(value);
  const text = (value ?? '').replace(FORMULA, "'").replace(FORMULA_WITHIN, "$1'");
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
