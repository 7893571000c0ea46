import { allRoutes } from '../../../src/gateway/mlflow-routes/route-table.js';
import type { Route } from '../../../src/gateway/mlflow-routes/route.js';
import { neededScope } from '../../../src/gateway/access/scopes/needed-scope.js';
import { ask, startAccessSetup, type AccessSetup } from './setup.js';

/** A key for each case, with limits that no test reaches. */
const KEYS = {
  reader: ['mlflow:read'],
  writer: ['mlflow:write'],
  manager: ['mlflow:manage', 'gateway:invoke', 'admin'],
  none: [],
};
type Name = keyof typeof KEYS;
const keyOf = (name: Name): string => `key-of-${name}-0123456789`;

const routes = allRoutes().filter(({ family }) => family !== 'assistant');
const pathOf = ({ template }: Route): string => template.replace(/\{\w+(?::path)?\}/g, 'x1');

describe('every call of MLflow by keys with less than its scope', () => {
  let setup: AccessSetup;

  beforeAll(async () => {
    const limits = { rate_limit_per_hour: 1_000_000, burst: 1_000_000 };
    const keys = Object.entries(KEYS).map(([name, scopes]) => [
      keyOf(name as Name),
      { key_id: name, scopes, ...limits },
    ]);
    setup = await startAccessSetup(Object.fromEntries(keys) as Record<string, object>, {
      ACCESS_UNKNOWN_ROUTES: 'deny',
      RATE_LIMIT_SEARCHES_PER_MINUTE: '100000',
      RATE_LIMIT_WRITES_PER_MINUTE: '100000',
    });
  });
  afterAll(() => setup?.close());
  beforeEach(() => {
    setup.mlflow.requests.length = 0;
  });

  /** Which of the calls went through, and that each refusal names what is missing. */
  async function opened(name: Name): Promise<string[]> {
    const through: string[] = [];
    for (const route of routes) {
      const before = setup.mlflow.requests.length;
      const { method } = route;
      const { status, headers, text } = await ask(setup.gateway, keyOf(name), `/mlflow${pathOf(route)}`, {
        method,
      });
      const forwarded = setup.mlflow.requests.length > before;
      if (forwarded) through.push(`${route.method} ${route.template}`);
      const { scope } = neededScope(route);
      expect({ call: pathOf(route), status, forwarded }).toEqual({
        call: pathOf(route),
        status: forwarded ? 200 : 403,
        forwarded,
      });
      if (forwarded) continue;
      expect(headers['www-authenticate']).toBe(
        `Bearer realm="mlflow", error="insufficient_scope", scope="${scope}"`,
      );
      const { message } = JSON.parse(text) as { message: string };
      for (const one of scope.split(' ')) expect(message).toContain(one);
    }
    return through;
  }

  const callsOf = (wanted: (route: Route, scope: string) => boolean): string[] =>
    routes
      .filter((route) => wanted(route, neededScope(route).scope))
      .map(({ method, template }) => `${method} ${template}`);

  it('a key that reads reads everything but what is for administrators, and changes nothing', async () => {
    const reads = callsOf(({ action }, scope) => action === 'read' && scope !== 'admin');
    expect(await opened('reader')).toEqual(reads);
    expect(reads.length).toBeGreaterThan(150);
  });

  it('a key that writes manages nothing and calls no model', async () => {
    const writes = callsOf(
      ({ action }, scope) => (action === 'read' || action === 'write') && scope !== 'admin',
    );
    expect(await opened('writer')).toEqual(writes);
  });

  it('a key with every scope but mlflow:access has every call that is known', async () => {
    expect(await opened('manager')).toEqual(callsOf(() => true));
  });

  it('a key without scopes has none', async () => {
    expect(await opened('none')).toEqual([]);
  });
});
