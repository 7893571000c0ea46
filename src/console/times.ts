const DAY_MS = 86_400_000;

const DAY = new Intl.DateTimeFormat('en', { timeZone: 'UTC', month: 'short', day: 'numeric' });
const TIME = new Intl.DateTimeFormat('en', {
  timeZone: 'UTC',
  hour: '2-digit',
  minute: '2-digit',
  hourCycle: 'h23',
});

/** For an axis: the day at its beginning, and the time within it. */
export function tick(ms: number): string {
  return ms % DAY_MS === 0 ? DAY.format(ms) : TIME.format(ms);
}

/** The period that begins at a time, in UTC as everything in the console. */
export function periodName(ms: number, periodMs: number): string {
  return periodMs === DAY_MS ? DAY.format(ms) : `${DAY.format(ms)}, ${TIME.format(ms)} UTC`;
}
