import { figure } from '../lib/readme.ts';
import { median } from '../lib/stats.ts';
import { gateway } from '../peers/gateway/peer.ts';
import { gatewayTraces, gatewayWithoutSpans } from '../peers/gateway/traces.ts';
import { byName, interleave, measuredRows, rateRatio, twice, TWICE_NOTE, type Measured } from './rounds.ts';
import { startPeers } from './running-peers.ts';
import type { Figure, Section } from './section.ts';

/** CPU time of a request over that of another in the same rounds. */
function cpuRatio(one: Measured | undefined, other: Measured | undefined): number {
  if (!one || !other) return NaN;
  return median(one.cpuUs.map((us, round) => us / other.cpuUs[round]!));
}

export const traces: Section = {
  name: 'traces',
  title: 'What traces cost, off and on',
  async run(options) {
    const compared = [gateway, gatewayWithoutSpans, gatewayTraces];
    const peers = await startPeers(compared);
    try {
      const measured = await interleave(peers.targets, twice(options));
      const [off, without, on] = compared.map(({ name }) => byName(measured, name));
      const ratio = (what: string, value: number, goal?: Figure['goal']): Figure => ({
        what,
        value,
        shown: figure(value),
        ...(goal && { goal }),
      });
      return {
        figures: [
          ratio('CPU of a request with traces off, over a program without spans', cpuRatio(off, without), {
            atMost: 1.02,
          }),
          ratio('requests/s with traces off, over the same', rateRatio(off, without)),
          ratio('CPU of a request with traces on, over off', cpuRatio(on, off)),
          ratio('requests/s with traces on, over off', rateRatio(on, off)),
        ],
        details: measuredRows(measured, gateway.name),
        notes: [
          ...compared.map(({ label, about }) => `${label}: ${about}`),
          'more spans than the exporter sends in time are dropped: its queue has 2,048 places',
          TWICE_NOTE,
          ...peers.absent,
        ],
      };
    } finally {
      await peers.stop();
    }
  },
};
