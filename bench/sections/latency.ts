import { figure } from '../lib/readme.ts';
import { median } from '../lib/stats.ts';
import type { WrkResult } from '../lib/wrk.ts';
import { REQUEST_PATH } from '../peers/peer.ts';
import { gateway } from '../peers/gateway/peer.ts';
import { nginx } from '../peers/nginx/peer.ts';
import { nodeUndici } from '../peers/node-undici/peer.ts';
import { byName, interleave, measuredRows, twice, TWICE_NOTE, type Measured } from './rounds.ts';
import { startPeers } from './running-peers.ts';
import type { Section } from './section.ts';

type Tail = (run: WrkResult) => number;
const p99: Tail = (run) => run.p99Ms;
const p99Corrected: Tail = (run) => run.p99CorrectedMs;

/** What a target takes beyond the upstream alone, ms, median over the rounds. */
function added(target: Measured | undefined, direct: Measured, tail: Tail): number {
  if (!target) return NaN;
  return median(target.runs.map((run, round) => tail(run) - tail(direct.runs[round]!)));
}

export const latency: Section = {
  name: 'latency',
  title: 'Added latency for one client',
  async run(options) {
    const peers = await startPeers([nginx, nodeUndici, gateway]);
    try {
      const upstream = peers.backend.upstreamUrl + REQUEST_PATH;
      const direct = { name: 'direct', label: 'the upstream alone', url: upstream, headers: {} };
      const measured = await interleave([direct, ...peers.targets], { ...twice(options), connections: 1 });
      const addedBy = (name: string, tail: Tail): number => added(byName(measured, name), measured[0]!, tail);
      const value = addedBy('gateway', p99) / addedBy('nginx', p99);
      const corrected = addedBy('gateway', p99Corrected) / addedBy('nginx', p99Corrected);
      return {
        figures: [
          {
            what: 'added p99 at one connection, over what nginx adds',
            value,
            shown: figure(value),
            goal: { atMost: 3 },
          },
          ...peers.targets.map(({ name, label }) => ({
            what: `added p99 at one connection, ${label}`,
            value: addedBy(name, p99),
            shown: `${figure(addedBy(name, p99))} ms`,
          })),
          {
            what: 'the first with stalls counted by their length, as wrk prints percentiles',
            value: corrected,
            shown: figure(corrected),
          },
        ],
        details: measuredRows(measured, 'nginx'),
        notes: [`${nodeUndici.label}: ${nodeUndici.about}`, TWICE_NOTE, ...peers.absent],
      };
    } finally {
      await peers.stop();
    }
  },
};
