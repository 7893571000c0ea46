import { DAY_MS } from '../../../lib/durations.js';

interface Range {
  from?: string | undefined;
  to?: string | undefined;
}

/**
 * Days, as fields for dates send them, as times of the API: the last day belongs to it. Anything but a day stays as it
 * is.
 */
export function dayRange({ from, to }: Range): Range {
  const start = isDay(from) ? `${from}T00:00:00.000Z` : from;
  const end = isDay(to) ? new Date(Date.parse(`${to}T00:00:00.000Z`) + DAY_MS).toISOString() : to;
  return { ...(start !== undefined && { from: start }), ...(end !== undefined && { to: end }) };
}

function isDay(text: string | undefined): text is string {
  return text !== undefined && /^\d{4}-\d\d-\d\d$/.test(text) && !Number.isNaN(Date.parse(text));
}
