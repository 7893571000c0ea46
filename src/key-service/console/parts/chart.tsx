import type { ConsoleChart } from '../../../contracts/admin/console-chart.js';
import { count, periodName } from './numbers.js';

/** Units of the drawing for one period. */
const STEP = 10;
const BAR = 8;
const HEIGHT = 100;

/**
 * Stacked bars, drawn by the server so that they work without script. The script replaces them with a chart that shows
 * values under the pointer. The numbers are also in a table below, for readers who cannot see the chart.
 *
 * @param label what it shows, for those who do not see it
 */
export function Chart({ chart, label }: { chart: ConsoleChart; label: string }) {
  const { fromMs, periodMs, series } = chart;
  const length = series[0]?.points.length ?? 0;
  const sums = Array.from({ length }, (_, index) => sumAt(chart, index));
  const highest = Math.max(1, ...sums);
  const marks = [0, Math.floor(length / 2), length - 1].filter((index) => index >= 0);
  return (
    <figure class="graph" data-chart={JSON.stringify(chart)}>
      <div class="plot" role="img" aria-label={label}>
        <span class="highest">{count(highest)}</span>
        <svg viewBox={`0 0 ${length * STEP} ${HEIGHT}`} preserveAspectRatio="none" aria-hidden="true">
          {series.map(({ colour }, index) => (
            <path class={colour} d={bars(chart, index, highest)} />
          ))}
        </svg>
        <div class="marks">
          {marks.map((index) => (
            <span>{periodName(fromMs + index * periodMs, periodMs)}</span>
          ))}
        </div>
      </div>
    </figure>
  );
}

/** A small square in the colour of a series. */
export function Swatch({ colour }: { colour: string }) {
  return (
    <svg class="swatch" viewBox="0 0 1 1" aria-hidden="true">
      <rect class={colour} width="1" height="1" />
    </svg>
  );
}

export function sumAt({ series }: ConsoleChart, index: number): number {
  return series.reduce((sum, { points }) => sum + (points[index] ?? 0), 0);
}

/** All bars of a series as one path, each upon those of the series before it. */
function bars({ series }: ConsoleChart, which: number, highest: number): string {
  const own = series[which]?.points ?? [];
  return own
    .map((points, index) => {
      if (points === 0) return '';
      const below = series.slice(0, which).reduce((sum, one) => sum + (one.points[index] ?? 0), 0);
      const bottom = HEIGHT - (below / highest) * HEIGHT;
      const top = bottom - (points / highest) * HEIGHT;
      return `M${index * STEP + 1} ${round(bottom)}V${round(top)}h${BAR}V${round(bottom)}z`;
    })
    .join('');
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
