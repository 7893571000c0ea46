import type uPlot from 'uplot';
import type { ConsoleChart } from '../contracts/admin/console-chart.js';
import { periodName } from './times.js';

const OFFSET_PX = 12;

/** Shows the numbers of the period that is pointed at. */
export function tooltip(chart: ConsoleChart): uPlot.Plugin {
  const box = document.createElement('div');
  box.className = 'pointed';
  box.hidden = true;
  return {
    hooks: {
      init: (plot) => plot.over.append(box),
      setCursor: (plot) => {
        const { idx, left = -1 } = plot.cursor;
        const inside = typeof idx === 'number' && left >= 0 && idx < (chart.series[0]?.points.length ?? 0);
        box.hidden = !inside;
        if (!inside) return;
        box.replaceChildren(...lines(chart, idx));
        const onTheLeft = left > plot.over.clientWidth / 2;
        box.style.left = onTheLeft ? 'auto' : `${left + OFFSET_PX}px`;
        box.style.right = onTheLeft ? `${plot.over.clientWidth - left + OFFSET_PX}px` : 'auto';
      },
    },
  };
}

/** Largest on top as in the bars; groups without requests would only be in the way. */
function lines({ series, fromMs, periodMs }: ConsoleChart, index: number): HTMLElement[] {
  const numbers = series.filter(({ points }) => (points[index] ?? 0) > 0).reverse();
  return [
    line('b', periodName(fromMs + index * periodMs, periodMs)),
    ...numbers.map(({ name, points }) =>
      line('span', `${name}: ${(points[index] ?? 0).toLocaleString('en')}`),
    ),
    ...(numbers.length === 0 ? [line('span', 'No requests')] : []),
  ];
}

function line(tag: 'b' | 'span', text: string): HTMLElement {
  const element = document.createElement(tag);
  element.textContent = text;
  return element;
}
