import { DAY_MS } from '../../lib/durations.js';
import { invalidFields } from '../request-fields/parse-fields.js';
import { FIRST_MS, parseInstant } from '../request-fields/field-validators.js';
import type { UsageQueryFields } from './usage.fields.js';

const MAX_DAYS = 366;

/** A span of time, cut into periods that begin on the hour or the day in UTC. */
export interface UsageRange {
  /** RFC 3339 in UTC, inclusive. */
  from: string;
  /** RFC 3339 in UTC, exclusive. */
  to: string;
  period: 'hour' | 'day';
}

/**
 * The range that a query asks for: the last 24 hours by default; the default period is an hour for up to two days.
 *
 * @throws ProblemError 400 where it is empty or longer than 366 days
 */
export function rangeOf(query: UsageQueryFields, nowMs: number): UsageRange {
  const toMs = query.to === undefined ? nowMs + 1 : (parseInstant(query.to) as number);
  const fromMs =
    query.from === undefined ? Math.max(FIRST_MS, toMs - DAY_MS) : (parseInstant(query.from) as number);
  if (fromMs >= toMs) throw invalidFields([{ field: 'from', message: 'must be earlier than to' }]);
  if (toMs - fromMs > MAX_DAYS * DAY_MS)
    throw invalidFields([{ field: 'from', message: `must be at most ${MAX_DAYS} days earlier than to` }]);
  return {
    from: new Date(fromMs).toISOString(),
    to: new Date(toMs).toISOString(),
    period: query.period ?? (toMs - fromMs > 2 * DAY_MS ? 'day' : 'hour'),
  };
}
