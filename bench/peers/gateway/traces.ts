import { cpSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { startChild, workFolder } from '../../lib/children.ts';
import { freePort, untilAnswers } from '../../lib/poll.ts';
import { DIST, ROOT } from '../../lib/programs.ts';
import { startGateway } from '../../parts/gateway.ts';
import type { Peer } from '../peer.ts';

const needs = [process.execPath];
const COLLECTOR = fileURLToPath(new URL('../../parts/collector.node.ts', import.meta.url));

export const gatewayTraces: Peer = {
  name: 'gateway-traces',
  label: 'this gateway, traces on',
  about: 'every request is a trace of two spans, sent to a collector that takes everything and keeps nothing',
  needs,
  checksKeys: true,
  async start({ upstreamUrl, authUrl }) {
    const port = await freePort();
    const collector = startChild(process.execPath, [COLLECTOR, String(port)]);
    const endpoint = `http://127.0.0.1:${port}`;
    await untilAnswers(endpoint, 'the collector', { child: collector, status: 200 });
    const env = { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint };
    const { url, child } = await startGateway({ upstreamUrl, authUrl, env });
    const stop = (): Promise<unknown> => child.stop('SIGINT').then(() => collector.stop('SIGKILL'));
    return { url, pid: child.pid, stop };
  },
};

/** Where a request with a known key meets spans: file → what is taken out, and what stands there instead. */
const SPANS: Readonly<Record<string, readonly [RegExp, string][]>> = {
  'platform/http/http-server.js': [
    [/if \(begin !== undefined\)\s*context\.span = begin\(request, context\.requestId\);/, ''],
  ],
  'gateway/mlflow-proxy/undici.transport.js': [
    [/const span = context\.span\?\.call\('mlflow'\);\s*if \(span\)\s*response\.once\([^;]*;/, ''],
    [/, span\?\.traceparent\)/, ', undefined)'],
  ],
};

/** The built programs without those places. */
function distWithoutSpans(): string {
  const folder = workFolder('without-spans');
  const dist = `${folder}/dist`;
  cpSync(`${ROOT}/package.json`, `${folder}/package.json`);
  symlinkSync(`${ROOT}/node_modules`, `${folder}/node_modules`);
  cpSync(DIST, dist, { recursive: true });
  for (const [name, changes] of Object.entries(SPANS)) {
    let text = readFileSync(`${dist}/${name}`, 'utf8');
    for (const [there, instead] of changes) {
      if (!there.test(text)) throw new Error(`${name} has no ${there.source}`);
      text = text.replace(there, instead);
    }
    writeFileSync(`${dist}/${name}`, text);
  }
  return dist;
}

export const gatewayWithoutSpans: Peer = {
  name: 'gateway-without-spans',
  label: 'this gateway without spans',
  about: 'the same program, in which the places are taken out where a request would begin and end spans',
  needs,
  checksKeys: true,
  async start({ upstreamUrl, authUrl }) {
    const { url, child } = await startGateway({ upstreamUrl, authUrl, dist: distWithoutSpans() });
    return { url, pid: child.pid, stop: () => child.stop('SIGINT') };
  },
};
