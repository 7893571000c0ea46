import { attackReport } from './attack-report.ts';
import type { Figures } from './phases.ts';

const figures = (perSecond: number, faults = 0): Figures => ({
  done: 10,
  perSecond,
  p50Ms: 1.234,
  p99Ms: NaN,
  faults,
});

it('the report of an attack sets each phase beside the one before, and says what the attacker did', () => {
  const report = attackReport([
    {
      attack: { name: 'a flood', victim: 'a request', prepare: () => Promise.reject(new Error('unused')) },
      figures: { before: figures(200), during: figures(50, 3), after: figures(180) },
      deeds: { sent: 12_345, 'answered 429': 7 },
      wrong: ['one thing'],
    },
  ]);
  expect(report.split('\n').slice(2)).toEqual([
    '| a flood | a request | before | 200 | 1 | 1.23 | – | 0 |',
    '|  |  | during | 50 | 0.25 | 1.23 | – | 3 |',
    '|  |  | after | 180 | 0.9 | 1.23 | – | 0 |',
    '',
    '- a flood: sent: 12,345, answered 429: 7; **1 did not hold**',
  ]);
});
