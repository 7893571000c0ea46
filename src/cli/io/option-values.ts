import { InvalidArgumentError } from 'commander';
import { hasKeyFormat } from '../../sdk/index.js';
import { DAY_SECONDS, HOUR_SECONDS, MINUTE_SECONDS } from './durations.js';

/** Parsers of option values; commander shows their texts behind the option's name. */

export function positiveInteger(text: string): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && Number.isSafeInteger(value) && value > 0) return value;
  throw new InvalidArgumentError('It must be a whole number above 0.');
}

const UNIT_SECONDS = { s: 1, m: MINUTE_SECONDS, h: HOUR_SECONDS, d: DAY_SECONDS } as const;

/** Seconds, from `3600`, `3600s`, `90m`, `24h`, `7d`. */
export function durationSeconds(text: string): number {
  const [, digits, unit = 's'] = /^(\d+)([smhd])?$/.exec(text) ?? [];
  const seconds = Number(digits) * UNIT_SECONDS[unit as keyof typeof UNIT_SECONDS];
  if (digits !== undefined && Number.isSafeInteger(seconds)) return seconds;
  throw new InvalidArgumentError('It must be a number of seconds, or one with a unit: 90m, 24h, 7d.');
}

/** A duration with its unit, as the auth service takes it: `14d`, `36h`, `90m`. */
export function duration(text: string): string {
  if (/^[1-9]\d{0,4}[mhd]$/.test(text)) return text;
  throw new InvalidArgumentError('It must be a number with a unit: 90m, 36h, 14d.');
}

/** Collects the values of a repeatable option; one value may also be a list with commas. */
export function repeatable(text: string, before: string[] | undefined): string[] {
  const values = text.split(',').map((value) => value.trim());
  if (values.some((value) => value === '')) throw new InvalidArgumentError('It must not be empty.');
  return [...(before ?? []), ...values];
}

/** A key's id. The key itself is refused, because it would be in the shell's history and in `ps`. */
export function keyId(text: string): string {
  if (hasKeyFormat(text))
    throw new InvalidArgumentError(
      'That is an API key, not the id of one; it is now in your shell history and was in the process list: ' +
        'rotate it. "hokusai auth list-keys" shows the ids.',
    );
  if (!/^[\w.:-]{1,128}$/.test(text)) throw new InvalidArgumentError('It must be the id of a key.');
  return text;
}

/** An RFC 3339 time, a date, or a duration ahead of now. */
export function timeAhead(text: string): string {
  if (/^\d+[smhd]$/.test(text)) return new Date(Date.now() + durationSeconds(text) * 1000).toISOString();
  const time = /^\d{4}-\d{2}-\d{2}(T.*)?$/.test(text) ? Date.parse(text) : NaN;
  if (Number.isFinite(time)) return new Date(time).toISOString();
  throw new InvalidArgumentError(
    'It must be a time such as 2027-01-31T12:00:00Z, a date, or a duration from now such as 24h.',
  );
}

/** An RFC 3339 time, a date, or a duration back from now. */
export function timeOrAge(text: string, now: number = Date.now()): string {
  if (/^\d+[smhd]$/.test(text)) return new Date(now - durationSeconds(text) * 1000).toISOString();
  const time = /^\d{4}-\d{2}-\d{2}(T.*)?$/.test(text) ? Date.parse(text) : NaN;
  if (Number.isFinite(time)) return new Date(time).toISOString();
  throw new InvalidArgumentError(
    'It must be a time such as 2026-01-31T12:00:00Z, a date, or an age such as 24h.',
  );
}
