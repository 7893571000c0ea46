import { drawChart } from './chart.js';
import { offerCopying } from './copying.js';

/** Improves pages that work without it: charts that can be pointed at, and buttons that copy. */
for (const figure of document.querySelectorAll<HTMLElement>('[data-chart]')) drawChart(figure);
for (const source of document.querySelectorAll<HTMLElement>('[data-copy]')) offerCopying(source);
