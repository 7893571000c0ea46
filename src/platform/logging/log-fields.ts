/**
 * Fields that many lines of the log have, such as who a request is from: turned into JSON once.
 *
 * Hot path: docs/decisions/0022-log-line-and-histograms-by-hand.md.
 */
export class LogFields {
  static readonly NONE = new LogFields({});
  /** As members of an object, each with a comma before it. */
  readonly json: string;

  /** @param values by name; undefined ones are left out */
  constructor(readonly values: Readonly<Record<string, string | undefined>>) {
    this.json = Object.entries(values)
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => `,"${name}":${quoted(value as string)}`)
      .join('');
  }
}

// A text without control characters, quotation marks, backslashes and surrogates is its own JSON.
const NEEDS_ESCAPES = /[^ !#-[\]-\ud7ff\ue000-\uffff]/;

/** A string as JSON. */
export function quoted(text: string): string {
  return NEEDS_ESCAPES.test(text) ? JSON.stringify(text) : `"${text}"`;
}
