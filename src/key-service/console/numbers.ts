const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;

/** With separators, such as 1,234. */
export function count(value: number): string {
  return value.toLocaleString('en');
}

/** Such as `2 keys`; @param one the noun for one of them */
export function counted(value: number, one: string, many = `${one}s`): string {
  return `${count(value)} ${value === 1 ? one : many}`;
}

/** Such as `12.5%`; of nothing there is no part. */
export function share(part: number, whole: number): string {
  return whole === 0 ? '–' : `${((part / whole) * 100).toFixed(1)}%`;
}

export function bytes(value: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let size = value;
  let unit = 0;
  while (size >= 1024 && unit < units.length - 1) {
    size /= 1024;
    unit++;
  }
  return `${unit === 0 ? size : size.toFixed(1)} ${units[unit]}`;
}

/** The period that begins at a time: a day, or a day and a time in UTC. */
export function periodName(ms: number, periodMs: number): string {
  const text = new Date(ms).toISOString();
  return periodMs >= DAY_MS ? text.slice(0, 10) : `${text.slice(0, 10)} ${text.slice(11, 16)}`;
}

/** How long ago something was, such as `3 min ago`. */
export function ago(instant: string, now: string): string {
  const ms = Math.max(0, Date.parse(now) - Date.parse(instant));
  if (ms < MINUTE_MS) return 'just now';
  if (ms < HOUR_MS) return `${Math.floor(ms / MINUTE_MS)} min ago`;
  if (ms < 2 * DAY_MS) return `${Math.floor(ms / HOUR_MS)} h ago`;
  return `${Math.floor(ms / DAY_MS)} days ago`;
}

/** How long until then, such as `in 6 days`. */
export function until(instant: string, now: string): string {
  const ms = Date.parse(instant) - Date.parse(now);
  if (ms < HOUR_MS) return `in ${Math.max(0, Math.ceil(ms / MINUTE_MS))} min`;
  if (ms < 2 * DAY_MS) return `in ${Math.floor(ms / HOUR_MS)} h`;
  return `in ${Math.floor(ms / DAY_MS)} days`;
}
