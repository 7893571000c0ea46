import uPlot from 'uplot';
import type { ConsoleChart } from '../contracts/admin/console-chart.js';
import { colourOf } from './colours.js';
import { tick } from './times.js';
import { tooltip } from './tooltip.js';

const HEIGHT_PX = 200;
const FONT = '12px system-ui, "Liberation Sans", sans-serif';
/** Whole numbers: there is no half request. */
const STEPS = [1, 2, 5, 10, 20, 50].flatMap((step) => [step, step * 100, step * 10_000, step * 1_000_000]);
const HOUR = 3600;
const TIME_STEPS = [1, 2, 3, 6, 12, 24, 48, 96, 168, 336, 720].map((hours) => hours * HOUR);

const short = new Intl.NumberFormat('en', { notation: 'compact' });

/** Draws stacked bars in place of those that the server has drawn, which stay where this fails. */
export function drawChart(figure: HTMLElement): void {
  const place = figure.querySelector<HTMLElement>('.plot');
  if (!place) return;
  const chart = JSON.parse(figure.dataset['chart'] ?? '') as ConsoleChart;
  const host = document.createElement('div');
  const plot = new uPlot(optionsOf(chart, place.clientWidth), dataOf(chart), host);
  place.replaceChildren(host);
  place.classList.add('drawn');
  new ResizeObserver(() => plot.setSize({ width: place.clientWidth, height: HEIGHT_PX })).observe(place);
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => plot.redraw(true, true));
}

/** Sums from the bottom on. The highest is drawn first, so that each lies upon those that are higher. */
function dataOf({ fromMs, periodMs, series }: ConsoleChart): uPlot.AlignedData {
  const length = series[0]?.points.length ?? 0;
  const sums: number[][] = [];
  for (const { points } of series) {
    const below = sums.at(-1);
    sums.push(points.map((count, index) => count + (below?.[index] ?? 0)));
  }
  // One more, without bars: the last bar needs its room.
  const starts = Array.from({ length: length + 1 }, (_, index) => (fromMs + index * periodMs) / 1000);
  return [starts, ...sums.reverse().map((one) => [...one, null])];
}

function optionsOf(chart: ConsoleChart, width: number): uPlot.Options {
  const bars = uPlot.paths.bars?.({ size: [0.85, 48], align: 1 });
  const axis: uPlot.Axis = {
    font: FONT,
    stroke: () => colourOf('--soft'),
    grid: { stroke: () => colourOf('--line'), width: 1 },
    ticks: { show: false },
  };
  return {
    width,
    height: HEIGHT_PX,
    legend: { show: false },
    cursor: { drag: { x: true, y: false }, points: { show: false } },
    scales: { y: { range: (_plot, _min, max) => [0, Math.max(1, max)] } },
    axes: [
      {
        ...axis,
        space: 60,
        size: 26,
        incrs: TIME_STEPS.filter((step) => step * 1000 >= chart.periodMs),
        values: (_plot: uPlot, splits: number[]) => splits.map((seconds) => tick(seconds * 1000)),
      },
      {
        ...axis,
        incrs: STEPS.toSorted((a, b) => a - b),
        size: 52,
        values: (_plot, splits) => splits.map((value) => short.format(value)),
      },
    ],
    tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), 'Etc/UTC'),
    series: [
      {},
      ...chart.series
        .map(({ name, colour }): uPlot.Series => ({
          label: name,
          fill: () => colourOf(colour),
          width: 0,
          points: { show: false },
          ...(bars && { paths: bars }),
        }))
        .reverse(),
    ],
    plugins: [tooltip(chart)],
  };
}
