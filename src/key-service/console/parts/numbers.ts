import { DAY_MS } from '../../../lib/durations.js';

/** With separators, such as 1,234. */
export function count(value: number): string {
  return value.toLocaleString('en');
}

/** Such as `2 keys`; @param one the noun for one of them */
export function counted(value: number, one: string, many = `${one}s`): string {
  return `${count(value)} ${value === 1 ? one : many}`;
}

/** Such as `12.5%`; empty if the whole is 0. */
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
