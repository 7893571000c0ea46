import { readStrictJson } from '../../../lib/json/strict-json.js';

/** Numbers that JavaScript would change when it reads and writes them. */
const LONG_NUMBER = /[[:,\s]-?\d{16}/;

interface Source {
  readonly source?: string;
}
/** `JSON.rawJSON` and the source of a reviver: ES2026, in Node 24. */
const { parse, rawJSON } = JSON as unknown as {
  parse: (text: string, reviver: (key: string, value: unknown, context: Source) => unknown) => unknown;
  rawJSON: (text: string) => unknown;
};

/**
 * Reads an answer of MLflow's so that it can be written again with all its numbers as they were. `NaN` and `Infinity`,
 * which Python writes and no browser reads, come out as null.
 *
 * @throws SyntaxError
 */
export function parseExact(text: string): unknown {
  try {
    return parseJson(text);
  } catch (error) {
    const read = readStrictJson(Buffer.from(text), Infinity);
    if ('fault' in read) throw error;
    return read.value;
  }
}

function parseJson(text: string): unknown {
  if (!LONG_NUMBER.test(text)) return JSON.parse(text) as unknown;
  return parse(text, (_key, value, { source }) =>
    typeof value === 'number' && source !== undefined && !Number.isSafeInteger(value)
      ? rawJSON(source)
      : value,
  );
}
