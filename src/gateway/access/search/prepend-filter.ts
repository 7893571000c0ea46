/** Entries of an IN list. SQL Server binds 2,100 values at most, and MLflow's own take some of them. */
export const MAX_LISTED = 1000;

/** What a list may hold: MLflow reads it as Python's literals, in which quotes and backslashes mean more. */
// eslint-disable-next-line no-control-regex -- control characters are among those that must not stand there
const PLAIN = /^[^'"\\\u0000-\u001f\u007f-\u009f\u2028\u2029]+$/;

/**
 * A filter in MLflow's language that lets through only what is granted, and of that only what the client asked for.
 * The gateway's part comes first: what follows can only restrict it further, because the language has no operator but
 * AND.
 *
 * @param key `experiment_id` or `name`
 * @param granted at least one
 * @param filter of the client, unchanged
 * @returns undefined where the list cannot be written: it is too long, or holds a name that MLflow would read
 *   differently
 */
export function prependFilter(key: string, granted: readonly string[], filter: string): string | undefined {
  if (granted.length === 0 || granted.length > MAX_LISTED || !granted.every((one) => PLAIN.test(one)))
    return undefined;
  const clause = `${key} IN (${granted.map((one) => `'${one}'`).join(',')})`;
  return filter.trim() === '' ? clause : `${clause} AND ${filter}`;
}
