import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../../lib/durations.js';

/** A time in relative words, with the exact time as a tooltip. Both are RFC 3339 in UTC. */
export function Moment({ at, now }: { at: string; now: string }) {
  return (
    <time datetime={at} title={minuteOf(at)}>
      {spokenTime(at, now)}
    </time>
  );
}

/** `3 min ago` and `in 6 days`; from a year on the date. */
export function spokenTime(at: string, now: string): string {
  const ms = Date.parse(at) - Date.parse(now);
  const distance = Math.abs(ms);
  if (distance >= 365 * DAY_MS) return at.slice(0, 10);
  const text = spokenLength(distance);
  if (text === undefined) return ms > 0 ? 'in less than a minute' : 'just now';
  return ms > 0 ? `in ${text}` : `${text} ago`;
}

/** Date and minute in UTC. */
export function minuteOf(instant: string): string {
  return `${instant.slice(0, 10)} ${instant.slice(11, 16)} UTC`;
}

function spokenLength(ms: number): string | undefined {
  if (ms < MINUTE_MS) return undefined;
  if (ms < HOUR_MS) return `${Math.floor(ms / MINUTE_MS)} min`;
  if (ms < 2 * DAY_MS) return `${Math.floor(ms / HOUR_MS)} h`;
  return `${Math.floor(ms / DAY_MS)} days`;
}
