import { drawChart } from './chart.js';
import { offerCopying } from './copying.js';
import { sendOnce } from './sending.js';

/** Improves pages that work without it: charts that can be pointed at, buttons that copy, and forms that are sent once. */
for (const figure of document.querySelectorAll<HTMLElement>('[data-chart]')) drawChart(figure);
for (const source of document.querySelectorAll<HTMLElement>('[data-copy]')) offerCopying(source);
for (const form of document.querySelectorAll<HTMLFormElement>('form[method=post]')) sendOnce(form);
