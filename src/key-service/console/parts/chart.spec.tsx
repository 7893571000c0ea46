import { renderToString } from 'preact-render-to-string';
import type { ConsoleChart } from '../../../contracts/admin/console-chart.js';
import { Chart } from './chart.js';

const HOUR_MS = 3_600_000;

const chart = (...series: [name: string, points: number[]][]): ConsoleChart => ({
  fromMs: Date.UTC(2026, 2, 14),
  periodMs: HOUR_MS,
  series: series.map(([name, points], index) => ({ name, colour: `c${index}`, points })),
});
const drawn = (shown: ConsoleChart): string => renderToString(<Chart chart={shown} label="what it shows" />);

/** Bottom and top of each bar of a series, from 0 to 100 upwards. */
function barsOf(html: string, colour: string): [from: number, to: number][] {
  const [, path = ''] = new RegExp(`<path class="${colour}" d="([^"]*)"`).exec(html) ?? [];
  return [...path.matchAll(/M\d+ ([\d.]+)V([\d.]+)/g)].map(([, bottom, top]) => [
    100 - Number(bottom),
    100 - Number(top),
  ]);
}

describe('a chart', () => {
  it('stacks each series upon those before it, the highest sum to the top', () => {
    const html = drawn(chart(['a', [10, 5]], ['b', [10, 0]]));
    expect(barsOf(html, 'c0')).toEqual([
      [0, 50],
      [0, 25],
    ]);
    expect(barsOf(html, 'c1')).toEqual([[50, 100]]);
    expect(html).toContain('<span class="highest">20</span>');
  });

  it('of no requests has no bars, and of no series none either', () => {
    expect(barsOf(drawn(chart(['a', [0, 0, 0]])), 'c0')).toEqual([]);
    expect(drawn(chart())).toContain('role="img" aria-label="what it shows"');
  });

  it('gives the script what it shows, with names that stay text', () => {
    const name = `"><script>alert('x')</script>`;
    const html = drawn(chart([name, [1]]));
    expect(html).not.toContain('<script');
    const [, json = ''] = /data-chart="([^"]*)"/.exec(html) ?? [];
    const text = json.replaceAll('&quot;', '"').replaceAll('&lt;', '<').replaceAll('&amp;', '&');
    expect(JSON.parse(text)).toEqual(chart([name, [1]]));
  });
});
