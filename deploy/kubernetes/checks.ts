import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { startLoad, type LoadReport } from '../verify/load.ts';
import type { Cluster } from './cluster.ts';
import { followGuide, type GuideTools } from './guide.ts';
import { NEXT_VERSION, VERSION } from './images.ts';

export interface Deployment {
  readonly cluster: Cluster;
  /** Runs Helm and returns what it said. */
  helm(args: readonly string[]): Promise<string>;
  readonly tools: GuideTools;
  readonly folder: string;
}

export interface Check {
  readonly title: string;
  /** @returns what was counted, in words; empty where nothing was */
  run(deployment: Deployment): Promise<string>;
}

const CHART = join(import.meta.dirname, '../helm/mlflow-gateway');
const RELEASE = 'mlflow-gateway';
const URL = 'http://127.0.0.1:30801';
const SECRETS: Readonly<Record<string, string>> = {
  'redis-url': 'redis://:password-of-redis@redis.parts.svc:6379/0',
  'database-url': 'postgres://keys:password-of-the-database@database.parts.svc:5432/keys',
  ...Object.fromEntries(
    [
      'admin-token',
      'auth-service-token',
      'cache-hmac-secret',
      'gateway-admin-token',
      'key-pepper',
      'metrics-token',
    ].map((name) => [name, `a-value-of-${name}-for-this-cluster`]),
  ),
};
/** Small, so that two of everything have room on one node; nothing measures processors there. */
const VALUES = [
  ...[
    'mlflow.url=http://mlflow.parts.svc:5000',
    'gateway.existingSecret=all',
    'keyService.existingSecret=all',
  ],
  ...['gateway.autoscaling.enabled=false', 'gateway.service.type=NodePort'],
  ...['gateway.resources.requests.cpu=10m', 'keyService.resources.requests.cpu=10m'],
  ...['gateway.resources.requests.memory=128Mi', 'keyService.resources.requests.memory=128Mi'],
].flatMap((value) => ['--set', value]);
const LOAD = { requestsPerSecond: 60, connections: 64, uploadBytes: 1_000_000, uploadSeconds: 3 };
const SLOW_PATH = '/api/mlflow/api/2.0/mlflow/experiments/search?slow=1';

const sleep = (seconds: number): Promise<void> => new Promise((done) => setTimeout(done, seconds * 1000));
const release = (command: string, version: string): string[] => [
  ...[command, RELEASE, CHART, '-n', 'models', '--wait', '--timeout', '4m', ...VALUES],
  ...['--set', `gateway.image.tag=${version}`, '--set', `keyService.image.tag=${version}`],
];
const keys: string[] = [];

async function underLoad(step: () => Promise<unknown>): Promise<LoadReport> {
  const load = startLoad({ ...LOAD, url: URL, apiKeys: keys, slowPath: SLOW_PATH });
  try {
    await sleep(2);
    await step();
    await sleep(2);
  } catch (error) {
    await load.stop();
    throw error;
  }
  return load.stop();
}

const words = ({ sent, lost }: LoadReport): string =>
  `${lost.length} of ${sent.search + sent.slow + sent.upload} requests lost`;

/** Helm replaces both programs at once: a gateway that has just begun may find the key service slow on a busy machine. */
const MOST_LOST_BY_UPGRADE = 10;

function fewLost(report: LoadReport): string {
  const { lost } = report;
  assert.ok(lost.length <= MOST_LOST_BY_UPGRADE, JSON.stringify(lost.slice(0, 12)));
  const seen = [...new Set(lost.map(({ what }) => what))].join(', ');
  return words(report) + (seen === '' ? '' : ` (${seen})`);
}

function nothingLost(report: LoadReport): string {
  assert.deepEqual(report.lost.slice(0, 5), []);
  return words(report);
}

const rolledOut = ({ cluster }: Deployment, name: string): Promise<string> =>
  cluster.kubectl(['-n', 'models', 'rollout', 'status', `deployment/${name}`, '--timeout=240s'], {
    timeoutMs: 250_000,
  });

/** Pods of a gateway that are ready and not on their way out, and the commit that each was built from. */
async function gatewayPods({ cluster }: Deployment): Promise<string[]> {
  const selector = 'app.kubernetes.io/component=gateway';
  const said = await cluster.kubectl(['-n', 'models', 'get', 'pods', '-l', selector, '-o', 'json']);
  const { items } = JSON.parse(said) as {
    items: { metadata: { name: string; deletionTimestamp?: string } }[];
  };
  return items.filter(({ metadata }) => !metadata.deletionTimestamp).map(({ metadata }) => metadata.name);
}

export const CHECKS: readonly Check[] = [
  {
    title: 'the API server takes what the chart makes of every file in ci/',
    async run({ cluster, helm }) {
      let count = 0;
      for (const file of readdirSync(join(CHART, 'ci'))) {
        const made = await helm(['template', RELEASE, CHART, '-n', 'models', '-f', join(CHART, 'ci', file)]);
        const documents = parseAllDocuments(made)
          .map((one) => one.toJS() as { kind: string; metadata: { namespace?: string } } | null)
          .filter((one) => one !== null)
          .filter(({ kind }) => !['HTTPRoute', 'PrometheusRule', 'ServiceMonitor'].includes(kind))
          // Namespaces of other things are not here.
          .filter(({ metadata }) => metadata.namespace === undefined);
        const input = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: documents });
        const said = await cluster.kubectl(['-n', 'models', 'apply', '--dry-run=server', '-f', '-'], {
          input,
        });
        assert.equal(said.match(/\(server dry run\)$/gm)?.length, documents.length);
        count += documents.length;
      }
      return `${count} objects`;
    },
  },
  {
    title: 'the commands of docs/deploy-kubernetes.md install it from nothing, and make a key',
    async run({ cluster, tools, folder }) {
      const psql = '-n parts exec database -- psql -h /run/postgresql -U keys -d postgres -c'.split(' ');
      await cluster.kubectl([...psql, 'create database guide']);
      assert.match(await followGuide(join(folder, 'guide'), tools), /^hk_\S{30,}$/m);
      // Both would not find room on the node.
      await cluster.kubectl(['delete', 'namespace', 'mlflow-gateway', '--timeout=120s'], {
        timeoutMs: 130_000,
      });
      return '';
    },
  },
  {
    title:
      'the chart is installed in a namespace that enforces "restricted", and its job has migrated the database first',
    async run({ cluster, helm }) {
      const literals = Object.entries(SECRETS).map(([name, value]) => `--from-literal=${name}=${value}`);
      await cluster.kubectl(['-n', 'models', 'create', 'secret', 'generic', 'all', ...literals]);
      await helm(release('install', VERSION));
      const port = JSON.stringify([{ op: 'replace', path: '/spec/ports/0/nodePort', value: 30801 }]);
      await cluster.kubectl(['-n', 'models', 'patch', 'service', RELEASE, '--type=json', '-p', port]);
      const logs = await cluster.kubectl([
        '-n',
        'models',
        'logs',
        '-l',
        'app.kubernetes.io/component=key-service',
      ]);
      assert.doesNotMatch(logs, /"database_migrated"/);
      return '';
    },
  },
  {
    title: 'keys are made as docs/deploy-kubernetes.md says, and work; without one a request is 401',
    async run({ cluster }) {
      const command =
        `-n models exec -i deploy/${RELEASE}-key-service -- node dist/cli/main.js auth create-key ` +
        '--name load --rate-limit 1000000 --auth-service-url http://127.0.0.1:8000 --admin-token-stdin';
      for (let n = 0; n < 4; n++) {
        const input = SECRETS['admin-token'] ?? '';
        const said = await cluster.kubectl(command.split(' '), { input });
        // Around it stands what people read.
        keys.push(/^hk_\S{30,}$/m.exec(said)?.[0] ?? said);
      }
      const status = async (key?: string): Promise<number> =>
        (
          await fetch(`${URL}/api/mlflow/api/2.0/mlflow/experiments/search`, {
            headers: key === undefined ? {} : { authorization: `Bearer ${key}` },
          })
        ).status;
      assert.equal(await status(), 401);
      for (const key of keys) assert.equal(await status(key), 200);
      return '';
    },
  },
  {
    title: 'a rollout of the gateways under load',
    async run(deployment) {
      return nothingLost(
        await underLoad(async () => {
          await deployment.cluster.kubectl(['-n', 'models', 'rollout', 'restart', `deployment/${RELEASE}`]);
          await rolledOut(deployment, RELEASE);
          // Old pods are still on their way out.
          await sleep(20);
        }),
      );
    },
  },
  {
    title: 'a pod that is deleted under load',
    async run(deployment) {
      const [pod = ''] = await gatewayPods(deployment);
      return nothingLost(
        await underLoad(async () => {
          await deployment.cluster.kubectl(['-n', 'models', 'delete', 'pod', pod], { timeoutMs: 90_000 });
          await rolledOut(deployment, RELEASE);
        }),
      );
    },
  },
  {
    title: 'an upgrade of both programs under load, with the migration before it',
    async run(deployment) {
      const report = await underLoad(async () => {
        await deployment.helm(release('upgrade', NEXT_VERSION));
        await sleep(20);
      });
      const images = await deployment.cluster.kubectl(
        '-n models get deployments -o jsonpath={..image}'.split(' '),
      );
      assert.equal(images.split(' ').filter((one) => one.endsWith(`:${NEXT_VERSION}`)).length, 2);
      return fewLost(report);
    },
  },
  {
    title: 'helm rollback under load',
    async run(deployment) {
      const report = await underLoad(async () => {
        await deployment.helm(['rollback', RELEASE, '-n', 'models', '--wait', '--timeout', '4m']);
        await sleep(20);
      });
      return fewLost(report);
    },
  },
  {
    title: 'a pod that is killed costs what it has in hand, and what comes until its node says so',
    async run(deployment) {
      const [pod = ''] = await gatewayPods(deployment);
      const report = await underLoad(async () => {
        const force = ['delete', 'pod', pod, '--grace-period=0', '--force'];
        await deployment.cluster.kubectl(['-n', 'models', ...force]);
        await rolledOut(deployment, RELEASE);
      });
      assert.ok(report.lost.length < 100, words(report));
      return words(report);
    },
  },
];
