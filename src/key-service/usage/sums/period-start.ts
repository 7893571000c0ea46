import { sql, type RawBuilder } from 'kysely';
import type { UsagePeriod } from '../../../contracts/usage/usage-series.js';
import type { Engine } from '../../storage/database.js';

/** Digits of a time that name its period, and what follows them in the period's first instant. */
const FORMS: Readonly<Record<UsagePeriod, { digits: number; rest: string; pattern: string }>> = {
  minute: { digits: 16, rest: ':00.000Z', pattern: 'YYYY-MM-DD"T"HH24:MI":00.000Z"' },
  hour: { digits: 13, rest: ':00:00.000Z', pattern: 'YYYY-MM-DD"T"HH24":00:00.000Z"' },
  day: { digits: 10, rest: 'T00:00:00.000Z', pattern: 'YYYY-MM-DD"T00:00:00.000Z"' },
};

/** Start of the period that a row belongs to, as RFC 3339 text in UTC, on either engine. */
export function periodStart(engine: Engine, period: UsagePeriod, column = 'timestamp'): RawBuilder<unknown> {
  const { digits, rest, pattern } = FORMS[period];
  return engine === 'sqlite'
    ? sql`substr(${sql.ref(column)}, 1, ${sql.lit(digits)}) || ${sql.lit(rest)}`
    : sql`to_char(${sql.ref(column)} at time zone 'UTC', ${sql.lit(pattern)})`;
}
