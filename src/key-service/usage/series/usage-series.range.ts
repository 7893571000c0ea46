import type { UsagePeriod } from '../../../contracts/usage/usage-series.js';
import { DAY_MS, HOUR_MS } from '../../../lib/durations.js';
import { FIRST_MS, parseInstant } from '../../request-fields/field-validators.js';
import { invalidFields } from '../../request-fields/parse-fields.js';

export const PERIOD_MS: Readonly<Record<UsagePeriod, number>> = {
  minute: 60_000,
  hour: HOUR_MS,
  day: DAY_MS,
};

/** Longest range by period; by the minute single requests are read. */
const LONGEST: Readonly<Record<UsagePeriod, { ms: number; words: string }>> = {
  minute: { ms: 6 * HOUR_MS, words: '6 hours before to with period minute; use period hour' },
  hour: { ms: 31 * DAY_MS, words: '31 days before to with period hour; use period day' },
  day: { ms: 366 * DAY_MS, words: '366 days before to' },
};

/** Databases know the years up to 9999; a period of any length begins here. */
const LATEST_MS = Date.parse('9999-12-31T00:00:00.000Z');

/** Whole periods. */
export interface SeriesRange {
  /** RFC 3339 in UTC with milliseconds, inclusive. */
  from: string;
  /** The same, exclusive. */
  to: string;
  period: UsagePeriod;
  /** How many periods. */
  length: number;
}

/**
 * The whole periods in UTC that a query's range touches: the last 24 hours unless it says otherwise, by the hour up to
 * two days.
 *
 * @throws ProblemError 400 where the range is empty, or longer than its period allows
 */
export function seriesRangeOf(
  query: { from?: string; to?: string; period?: UsagePeriod },
  nowMs: number,
): SeriesRange {
  const toMs = Math.min(LATEST_MS, query.to === undefined ? nowMs + 1 : (parseInstant(query.to) as number));
  const fromMs =
    query.from === undefined ? Math.max(FIRST_MS, toMs - DAY_MS) : (parseInstant(query.from) as number);
  if (fromMs >= toMs) throw invalidFields([{ field: 'from', message: 'must be earlier than to' }]);
  const period = query.period ?? (toMs - fromMs > 2 * DAY_MS ? 'day' : 'hour');
  const periodMs = PERIOD_MS[period];
  const { ms, words } = LONGEST[period];
  if (toMs - fromMs > ms + 1) throw invalidFields([{ field: 'from', message: `must be at most ${words}` }]);
  const firstMs = Math.floor(fromMs / periodMs) * periodMs;
  const endMs = Math.ceil(toMs / periodMs) * periodMs;
  return {
    from: new Date(firstMs).toISOString(),
    to: new Date(endMs).toISOString(),
    period,
    length: (endMs - firstMs) / periodMs,
  };
}

/** Number of the period that a time begins. */
export function indexIn(range: SeriesRange, periodStart: string): number {
  return (Date.parse(periodStart) - Date.parse(range.from)) / PERIOD_MS[range.period];
}
