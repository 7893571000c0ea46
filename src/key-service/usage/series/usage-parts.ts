import { DAY_MS } from '../../../lib/durations.js';
import type { SeriesRange } from './usage-series.range.js';
import { startOf, WEEK_MS } from '../sums/usage-sums.js';

/** A stretch of time that is read from the sums of one period. RFC 3339 in UTC, the end exclusive. */
export interface Part {
  from: string;
  to: string;
  period: SeriesRange['period'] | 'week';
}

/**
 * Cuts a range into the longest periods that sums are kept of: whole weeks, whole days, and hours at both ends.
 *
 * @param weeks that are summed up, by their first instants, in order
 */
export function partsOf({ from, to, period }: SeriesRange, weeks: readonly string[]): Part[] {
  if (period === 'day') return daysOf(from, to, weeks);
  const [first, last] = [firstDayFrom(from), startOf(to, 'day')];
  if (period !== 'hour' || last <= first) return [{ from, to, period }];
  return [{ from, to: first, period }, ...daysOf(first, last, weeks), { from: last, to, period }].filter(
    (part) => part.from < part.to,
  );
}

function daysOf(from: string, to: string, weeks: readonly string[]): Part[] {
  const parts: Part[] = [];
  let reached = from;
  for (const week of weeks) {
    const end = later(week, WEEK_MS);
    if (week < reached || end > to) continue;
    const before = parts.at(-1);
    if (before?.period === 'week' && before.to === week) before.to = end;
    else parts.push({ from: reached, to: week, period: 'day' }, { from: week, to: end, period: 'week' });
    reached = end;
  }
  parts.push({ from: reached, to, period: 'day' });
  return parts.filter((part) => part.from < part.to);
}

/** The first day that begins at a time or later. */
function firstDayFrom(time: string): string {
  const day = startOf(time, 'day');
  return day === time ? day : later(day, DAY_MS);
}

function later(time: string, ms: number): string {
  return new Date(Date.parse(time) + ms).toISOString();
}
