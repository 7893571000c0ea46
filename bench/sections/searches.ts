import { fileURLToPath } from 'node:url';
import { startChild, type ChildProgram } from '../lib/children.ts';
import { freePort, untilAnswers } from '../lib/poll.ts';
import { figure } from '../lib/readme.ts';
import { median } from '../lib/stats.ts';
import { startGateway, type GatewayProcess } from '../parts/gateway.ts';
import { bearer, MOUNT } from '../peers/peer.ts';
import { byName, interleave, measuredRows, type Measured, type Target } from './rounds.ts';
import type { Figure, Section } from './section.ts';

const PATH = '/api/2.0/mlflow/experiments/search?max_results=25';
const OPEN = `hk_live_open${'benchKey'.repeat(4).slice(4)}`;
const GRANTED = `hk_live_${'benchKey'.repeat(4)}`;
const SCRIPT = fileURLToPath(new URL('../parts/searched-mlflow.node.ts', import.meta.url));

interface Searched {
  readonly gateway: GatewayProcess;
  readonly upstream: ChildProgram;
}

async function start(lists: boolean): Promise<Searched> {
  const [upstreamPort, authPort] = [await freePort(), await freePort()];
  const upstream = startChild(process.execPath, [
    SCRIPT,
    String(upstreamPort),
    String(authPort),
    lists ? 'lists' : 'none',
  ]);
  const [upstreamUrl, authUrl] = [`http://127.0.0.1:${upstreamPort}`, `http://127.0.0.1:${authPort}`];
  await untilAnswers(upstreamUrl, 'the upstream', { child: upstream });
  await untilAnswers(authUrl, 'the auth service', { child: upstream });
  return { upstream, gateway: await startGateway({ upstreamUrl, authUrl }) };
}

/** What a search costs where a key may see a third of what there is: 50 of 150 experiments, pages of 25. */
export const searches: Section = {
  name: 'searches',
  title: 'Searches with grants',
  async run(options) {
    const restricting = await start(true);
    const filling = await start(false);
    const target = (name: string, label: string, { gateway }: Searched, key: string): Target => ({
      name,
      label,
      url: gateway.url + MOUNT + PATH,
      headers: bearer(key),
      ...(gateway.child.pid !== undefined && { pid: gateway.child.pid }),
    });
    try {
      const measured = await interleave(
        [
          target('open', 'a key without grants', restricting, OPEN),
          target('restricted', 'search restricted', restricting, GRANTED),
          target('filled', 'search filled', filling, GRANTED),
        ],
        options,
      );
      return {
        figures: [
          ...moreCpu(measured, 'restricted', 'CPU µs of a restricted search over one without grants'),
          ...moreCpu(measured, 'filled', 'CPU µs of a filled search over one without grants'),
        ],
        details: measuredRows(measured, 'open'),
        notes: [
          'pages of 25 from 150 experiments of which 50 are granted by their ids; the upstream is Node and answers from memory',
          'filled: the upstream is asked for 100 rows, which are read, chosen from and written again, and the token is sealed',
        ],
      };
    } finally {
      await Promise.all(
        [restricting, filling].flatMap(({ gateway, upstream }) => [gateway.child.stop(), upstream.stop()]),
      );
    }
  },
};

function moreCpu(measured: readonly Measured[], name: string, what: string): Figure[] {
  const [one, open] = [byName(measured, name), byName(measured, 'open')];
  if (!one || !open) return [];
  const value = median(one.cpuUs.map((us, round) => us - (open.cpuUs[round] as number)));
  return [{ what, value, shown: figure(value) }];
}
