import { figure } from '../lib/readme.ts';
import { median } from '../lib/stats.ts';
import { REQUEST_PATH } from '../peers/peer.ts';
import { gateway } from '../peers/gateway/peer.ts';
import { nginx } from '../peers/nginx/peer.ts';
import { byName, interleave, measuredRows, twice, TWICE_NOTE, type Measured } from './rounds.ts';
import { startPeers } from './running-peers.ts';
import type { Section } from './section.ts';

/** Added p99 of a target: what it takes beyond the upstream alone, ms, median over the rounds. */
function added(target: Measured | undefined, direct: Measured): number {
  if (!target) return NaN;
  return median(target.runs.map((run, round) => run.p99Ms - direct.runs[round]!.p99Ms));
}

export const latency: Section = {
  name: 'latency',
  title: 'Added latency for one client',
  async run(options) {
    const peers = await startPeers([nginx, gateway]);
    try {
      const upstream = peers.backend.upstreamUrl + REQUEST_PATH;
      const direct = { name: 'direct', label: 'the upstream alone', url: upstream, headers: {} };
      const measured = await interleave([direct, ...peers.targets], { ...twice(options), connections: 1 });
      const [ours, theirs] = ['gateway', 'nginx'].map((name) => added(byName(measured, name), measured[0]!));
      const value = ours! / theirs!;
      return {
        figures: [
          {
            what: 'added p99 at one connection, over what nginx adds',
            value,
            shown: figure(value),
            goal: { atMost: 3 },
          },
          { what: 'added p99 at one connection', value: ours!, shown: `${figure(ours!)} ms` },
          { what: 'the same of nginx', value: theirs!, shown: `${figure(theirs!)} ms` },
        ],
        details: measuredRows(measured, 'nginx'),
        notes: [TWICE_NOTE, ...peers.absent],
      };
    } finally {
      await peers.stop();
    }
  },
};
