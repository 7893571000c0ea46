import { DAY_MS, HOUR_MS } from '../../lib/durations.js';
import { parseInstant } from '../request-fields/field-validators.js';
import { invalidFields } from '../request-fields/parse-fields.js';
import type { ReportedUsage } from './usage.fields.js';

/** Clocks of machines differ by less. */
const MAX_AHEAD_MS = HOUR_MS;
const MAX_AGE_DAYS = 366;

/**
 * A time far from now cannot have been measured. Usage of next year would be part of every later summary, and outlive
 * its retention.
 *
 * @param fieldOf name of a record's time in the request
 * @throws ProblemError 400 that names every time which is more than an hour ahead or 366 days old
 */
export function requireNearTimes(
  records: readonly Pick<ReportedUsage, 'timestamp'>[],
  fieldOf: (index: number) => string,
  nowMs: number,
): void {
  const problems = records.flatMap(({ timestamp }, index) => {
    const atMs = parseInstant(timestamp) as number;
    const message =
      atMs > nowMs + MAX_AHEAD_MS
        ? 'must be at most an hour ahead of now; set the clock of the reporting machine right'
        : atMs < nowMs - MAX_AGE_DAYS * DAY_MS
          ? `must be at most ${MAX_AGE_DAYS} days old`
          : undefined;
    return message === undefined ? [] : [{ field: fieldOf(index), message }];
  });
  if (problems.length > 0) throw invalidFields(problems);
}
