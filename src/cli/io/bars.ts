/** Figures as bars of characters, for terminals. */

const EIGHTHS = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'] as const;
const HEIGHTS = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'] as const;
const BAR_WIDTH = 40;

/** A bar whose length is a value's part of the largest one; every value above 0 shows. */
export function bar(value: number, largest: number, width = BAR_WIDTH): string {
  if (value <= 0 || largest <= 0) return '';
  const eighths = Math.max(1, Math.round((value / largest) * width * 8));
  return '█'.repeat(Math.floor(eighths / 8)) + (EIGHTHS[eighths % 8] ?? '');
}

/** A line of columns, one for each value; a blank for 0. */
export function sparkline(values: readonly number[]): string {
  const largest = Math.max(0, ...values);
  return values
    .map((value) => (value <= 0 ? ' ' : (HEIGHTS[Math.ceil((value / largest) * HEIGHTS.length) - 1] ?? ' ')))
    .join('');
}
