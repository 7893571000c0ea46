import { figure, table, type Row } from '../../lib/readme.ts';
import { PHASES } from './phases.ts';
import type { AttackOutcome } from './run-attack.ts';

const HEAD: Row = ['attack', 'the victim', 'phase', 'a second', 'over before', 'p50 ms', 'p99 ms', 'errors'];

/** The victims' figures, and what the attackers did meanwhile, in Markdown. */
export function attackReport(outcomes: readonly AttackOutcome[]): string {
  return `${table([HEAD, ...outcomes.flatMap(rowsOf)])}\n\n${outcomes.map(deedsOf).join('\n')}`;
}

function rowsOf({ attack, figures }: AttackOutcome): Row[] {
  return PHASES.map((phase) => {
    const { perSecond, p50Ms, p99Ms, faults } = figures[phase];
    const first = phase === 'before';
    return [
      first ? attack.name : '',
      first ? attack.victim : '',
      phase,
      figure(perSecond),
      figure(perSecond / figures.before.perSecond),
      figure(p50Ms),
      figure(p99Ms),
      figure(faults),
    ];
  });
}

function deedsOf({ attack, deeds, wrong }: AttackOutcome): string {
  const did = Object.entries(deeds).map(([name, count]) => `${name}: ${figure(count)}`);
  const end = wrong.length === 0 ? 'every promise held' : `**${wrong.length} did not hold**`;
  return `- ${attack.name}: ${did.join(', ')}; ${end}`;
}
