/** Started by run.ts as the first process of namespaces of its own: what it starts ends with it. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runProgram } from '../../test/support/programs/child-program.ts';
import { CHECKS } from './checks.ts';
import { NODE_ADDRESS, startCluster, type Cluster } from './cluster.ts';
import { startNameServer } from './dns.ts';
import { VERSION } from './images.ts';

const [folder = '', programs = '', tools = '', archive = ''] = process.argv.slice(2);
const START_TIMEOUT_MS = 300_000;
// The pipe closes with run.ts, however that ends.
process.stdin.on('close', () => process.exit(1)).resume();

/** Of Services, which keep theirs. */
const addresses = new Map<string, string>();
const started = performance.now();
const cluster = await startCluster(folder, programs, join(tools, 'kubectl/kubectl'));
console.log(`a cluster of one node: ${((performance.now() - started) / 1000).toFixed(0)} s`);
await startNameServer(NODE_ADDRESS, (name) => addressOf(cluster, name));
await cluster.load(archive);
const parts = readFileSync(join(import.meta.dirname, 'parts.yaml'), 'utf8').replace('<version>', VERSION);
await cluster.kubectl(['apply', '-f', '-'], { input: parts });
await cluster.kubectl(['-n', 'parts', 'wait', '--for=condition=Ready', 'pod', '--all', '--timeout=240s'], {
  timeoutMs: START_TIMEOUT_MS,
});

const helm = (args: readonly string[]): Promise<string> =>
  runProgram(join(tools, 'helm/helm'), [...args], {
    timeoutMs: START_TIMEOUT_MS,
    env: { KUBECONFIG: cluster.kubeconfig, HOME: folder },
  });
const guide = {
  path: ['kubectl', 'helm'].map((name) => join(tools, name)).join(':'),
  kubeconfig: cluster.kubeconfig,
};
let failed = 0;
for (const { title, run } of CHECKS) {
  const start = performance.now();
  const seconds = (): string => `${((performance.now() - start) / 1000).toFixed(0)} s`;
  try {
    const found = await run({ cluster, helm, tools: guide, folder });
    console.log(`  ✓ ${title}${found === '' ? '' : `: ${found}`} (${seconds()})`);
  } catch (error) {
    failed = 1;
    console.log(`  ✗ ${title} (${seconds()})\n${(error as Error).stack}`);
    for (const words of ['get pods -A', '-n models get events --field-selector type=Warning'])
      console.log(await cluster.kubectl(words.split(' ')).catch(String));
    const logs = '-n models logs -l app.kubernetes.io/name --tail 20000 --prefix'.split(' ');
    console.log(worthReading(await cluster.kubectl(logs).catch(String)));
    // What follows stands on it.
    break;
  }
}
process.exit(failed);

/** Lines of a log that tell of something amiss, as many as one reads. */
function worthReading(log: string): string {
  const lines = log.split('\n').filter((line) => !/"level":"info"/.test(line) || /"status":5/.test(line));
  return lines.slice(-60).join('\n');
}

/** Of a Service, by `name.namespace` with or without what clients add to it. */
async function addressOf({ kubectl }: Cluster, name: string): Promise<string | undefined> {
  const [, service = '', namespace = ''] = /^([^.]+)\.([^.]+)\.svc(?:\.cluster\.local)?$/.exec(name) ?? [];
  if (service === '') return undefined;
  const known = addresses.get(name);
  if (known !== undefined) return known;
  const args = ['-n', namespace, 'get', 'service', service, '-o', 'jsonpath={.spec.clusterIP}'];
  const address = await kubectl(args).catch(() => '');
  if (address !== '') addresses.set(name, address);
  return address || undefined;
}
