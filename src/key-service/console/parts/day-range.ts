import { DAY_MS } from '../../../lib/durations.js';

interface Range {
  from?: string | undefined;
  to?: string | undefined;
}

/**
 * Converts days, as date fields send them, to times of the API. The last day is included. Any other text is left
 * unchanged.
 */
export function dayRange({ from, to }: Range): Range {
  const start = isDay(from) ? `${from}T00:00:00.000Z` : from;
  const end = isDay(to) ? new Date(Date.parse(`${to}T00:00:00.000Z`) + DAY_MS).toISOString() : to;
  return { ...(start !== undefined && { from: start }), ...(end !== undefined && { to: end }) };
}

function isDay(text: string | undefined): text is string {
  return text !== undefined && /^\d{4}-\d\d-\d\d$/.test(text) && !Number.isNaN(Date.parse(text));
}
