import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { MLFLOW_VENVS } from '../../../scripts/prepare/python-venv.mjs';
import { RouteMatcher } from '../../../src/gateway/mlflow-routes/route-matcher.js';
import type { Route } from '../../../src/gateway/mlflow-routes/route.js';
import { allRoutes, withoutNames } from '../../../src/gateway/mlflow-routes/route-table.js';
import { isAmbiguous } from '../../../src/gateway/mlflow-routes/judged-path.js';
import { parseTarget } from '../../../src/lib/http/request-target.js';
import { pythonExecutable } from '../../support/programs/preloaded-python.js';
import { seededRandom } from '../../support/lib/random.js';

const NEWEST = MLFLOW_VENVS.at(-1);
const root = fileURLToPath(new URL('../../..', import.meta.url));
const SEED = 20261126;
const REQUESTS = 12_000;

type Request = readonly [method: string, rawPath: string];
type Dispatch = readonly [template: string | null, redirected: boolean];

const routes = allRoutes();
const matcher = new RouteMatcher(routes);

const VALUES = [
  ...[
    '1',
    'abc',
    'search',
    'get',
    'm-0123456789abcdef0123456789abcdef',
    'create',
    'endpoints',
    'versions',
    'tags',
  ],
  ...[
    'a%2Fb',
    '%2e%2e',
    '%252e',
    'a b',
    'a%20b',
    '%0a',
    'x%0a',
    'é',
    '%C3%A9',
    'x:generateContent',
    'proxy',
    'cancel',
  ],
  ...[
    'mlflow',
    '.',
    '..',
    'a;b',
    '%3F',
    '%5C',
    'A',
    'aliases',
    '{x}',
    '%7Bx%7D',
    '%00',
    '%E2%80%A8',
    '+',
    '-',
    '0',
  ],
];
const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD'];

/** Requests near the routes: real ones, and real ones with something of their spelling changed. */
function requests(seed: number): Request[] {
  const random = seededRandom(seed);
  const pick = <T>(values: readonly T[]): T => values[Math.floor(random() * values.length)] as T;
  const filled = (template: string): string =>
    template.replace(/\{\w+(:path)?\}/g, (_, tail) =>
      tail ? Array.from({ length: Math.floor(random() * 4) }, () => pick(VALUES)).join('/') : pick(VALUES),
    );
  const changes: ((path: string) => string)[] = [
    (path) => `${path}/`,
    (path) => path.replace(/\/([^/]*)$/, '//$1'),
    (path) => path.replace('/', '//'),
    (path) => path.replaceAll('/', () => (random() < 0.2 ? '%2F' : '/')).replace(/^%2F/, '/'),
    (path) => path.replace(/[a-z]/g, (c) => (random() < 0.1 ? `%${c.charCodeAt(0).toString(16)}` : c)),
    (path) => path.replace(/[a-z]/, (c) => c.toUpperCase()),
    (path) => path.split('/').slice(0, -1).join('/') || '/',
    (path) => `${path}/${pick(VALUES)}`,
    (path) => path.split('/').with(-1, pick(VALUES)).join('/'),
    (path) => path.replace('/ajax-api/', '/api/'),
    (path) => path.replace('/api/', '/ajax-api/'),
    (path) => path.replace('2.0/', '3.0/'),
    (path) => `${path}%0a`,
    (path) => path.replace('2.0/mlflow', '2.0mlflow'),
  ];
  return Array.from({ length: REQUESTS }, (): Request => {
    const route = pick(routes);
    let path = filled(route.template);
    for (let i = Math.floor(random() * 3); i > 0; i--) path = pick(changes)(path);
    return [random() < 0.6 ? route.method : pick(METHODS), path];
  });
}

const sameTemplate = (one: string, other: string): boolean => withoutNames(one) === withoutNames(other);
const sameClass = (one: Route, other: Route): boolean =>
  one.family === other.family && one.action === other.action;

async function dispatchOf(venv: string, batch: readonly Request[]): Promise<Dispatch[]> {
  const child = spawn(
    await pythonExecutable(`${venv}-venv`),
    [join(root, 'test/support/mlflow/mlflow_dispatch.py')],
    {
      stdio: ['pipe', 'pipe', 'ignore'],
    },
  );
  child.stdin.end(JSON.stringify(batch));
  return JSON.parse(await text(child.stdout)) as Dispatch[];
}

describe.each(MLFLOW_VENVS)('the route that %s dispatches', (venv) => {
  it('is the one that the gateway judges, for every form of a request', async () => {
    expect(existsSync(join(root, '.cache', `${venv}-venv/.prepared`))).toBe(true);
    const batch = requests(SEED);
    const dispatched = await dispatchOf(venv, batch);
    const wrong: unknown[] = [];
    let same = 0;
    batch.forEach(([method, rawPath], index) => {
      const [template] = dispatched[index] as Dispatch;
      const target = parseTarget(rawPath);
      // MLflow takes none, or the gateway refuses the path for its form before anything else.
      if (template === null || typeof target === 'string') return;
      const route = matcher.match(method, target.path);
      if (isAmbiguous(target)) return;
      const theirs = routes.find(
        (one) => one.method === route?.method && sameTemplate(one.template, template),
      );
      // A later version has a route of its own where an earlier one takes the last segment for an id.
      if (
        route === undefined ||
        theirs === undefined ||
        (venv === NEWEST ? route !== theirs : !sameClass(route, theirs))
      )
        wrong.push({ method, rawPath, mlflow: template, gateway: route?.template });
      else same += 1;
    });
    console.log(`${venv}: ${same} of ${REQUESTS} requests dispatched, all judged by the same route`);
    expect(wrong.slice(0, 20)).toEqual([]);
    expect(same).toBeGreaterThan(1000);
  }, 120_000);
});
