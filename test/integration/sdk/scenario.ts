import { HokusaiError, type Hokusai } from '../../../src/sdk/index.js';

/**
 * One story told to the in-memory MLflow and to a real one. It returns what a user sees, without what differs by
 * nature (ids, times), so that the two outcomes can be compared.
 */
export interface Scenario {
  readonly guarantee: string;
  run(hokusai: Hokusai, unique: string): Promise<unknown>;
}

/** What became of a call: its value, or the class, code and status of its error. */
export async function outcome<T>(call: Promise<T>): Promise<unknown> {
  try {
    return { value: await call };
  } catch (error) {
    if (!(error instanceof HokusaiError)) throw error;
    return { error: error.name, code: error.errorCode, status: error.status };
  }
}

export async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

/** A value with every occurrence of the given texts replaced by their names. */
export function rename(value: unknown, names: Readonly<Record<string, string>>): unknown {
  const text = Object.entries(names).reduce(
    (rest, [name, real]) => rest.replaceAll(real, `<${name}>`),
    JSON.stringify(value),
  );
  return JSON.parse(text);
}
