import {
  startGrantSystem,
  type Asked,
  type GrantSystem,
  type Reply,
} from '../../support/systems/grant-system.js';
import { FULL, infoOf, V2, V3 } from '../../support/mlflow/granted-things.js';
import {
  newMlflowDatabase,
  startMlflowServer,
  type MlflowServer,
} from '../../support/mlflow/mlflow-server.js';
import type { Grants } from '../../../src/contracts/access/grants.js';

const ONE = 'key-of-one-workspace-0123456789';
const TWO = 'key-of-two-workspaces-0123456789';
const NONE = 'key-of-no-workspace-0123456789';
const ALL: Grants = {
  experiments: [{ name: '*', level: 'manage' }],
  models: [{ name: '*', level: 'manage' }],
};
const HEADER = 'x-mlflow-workspace';

describe.each(['SQLite', 'PostgreSQL'])('workspaces of MLflow on %s, by keys with grants', (store) => {
  let server: MlflowServer;
  let system: GrantSystem;
  const runs: Record<string, string> = {};

  beforeAll(async () => {
    const postgresUrl = store === 'PostgreSQL' && (await newMlflowDatabase());
    server = await startMlflowServer({ args: ['--enable-workspaces'], ...(postgresUrl && { postgresUrl }) });
    system = await startGrantSystem(server.url);
    system.know(FULL, ['mlflow:access'], undefined);
    for (const name of ['team-a', 'team-b', 'team-c']) {
      await must({ method: 'POST', path: `${V3}/workspaces`, body: { name } });
      const headers = { [HEADER]: name };
      const made = await must({
        method: 'POST',
        path: `${V2}/experiments/create`,
        body: { name: 'one' },
        headers,
      });
      const body = { experiment_id: made['experiment_id'] };
      const run = await must({ method: 'POST', path: `${V2}/runs/create`, body, headers });
      runs[name] = infoOf(run, 'run')['run_id'] as string;
    }
    system.know(ONE, ['mlflow:manage'], { ...ALL, workspaces: ['team-a'] });
    system.know(TWO, ['mlflow:manage'], { ...ALL, workspaces: ['team-a', 'team-b'] });
    system.know(NONE, ['mlflow:manage'], ALL);
  }, 200_000);
  afterAll(async () => {
    await system?.close();
    await server?.close();
  });

  async function must(asked: Asked): Promise<Record<string, unknown>> {
    const reply = await system.ask(FULL, asked);
    if (reply.status !== 200 && reply.status !== 201) throw new Error(`${asked.path}: ${reply.text}`);
    return reply.body;
  }
  const read = (key: string, of: string, workspace?: string | string[]): Promise<Reply> =>
    system.ask(key, {
      path: `${V2}/runs/get?run_id=${runs[of]}`,
      ...(workspace !== undefined && { headers: { [HEADER]: workspace } }),
    });

  it('are set by the gateway where one is granted, for what is forwarded and for what is looked up', async () => {
    system.relay.requests.length = 0;
    expect((await read(ONE, 'team-a')).status).toBe(200);
    const seen = system.relay.requests.map(({ headers }) => headers[HEADER]);
    expect(seen.length).toBeGreaterThan(1);
    expect(new Set(seen)).toEqual(new Set(['team-a']));
  });

  it('are named by the client where several are granted, and remembered apart', async () => {
    expect((await read(TWO, 'team-a', 'team-a')).status).toBe(200);
    expect((await read(TWO, 'team-b', 'team-b')).status).toBe(200);
    // A run of team-a, which is remembered, does not exist in team-b.
    expect((await read(TWO, 'team-a', 'team-b')).status).toBe(403);
  });

  it.each<[string, string, string, string | string[] | undefined, number]>([
    ['another one', ONE, 'team-b', 'team-b', 403],
    ['a thing of another one', ONE, 'team-b', undefined, 403],
    ['one that is not granted among several', TWO, 'team-c', 'team-c', 403],
    ['none where several are granted', TWO, 'team-a', undefined, 403],
    ['the same one twice', TWO, 'team-a', ['team-a', 'team-a'], 400],
    ['two', TWO, 'team-a', ['team-a', 'team-b'], 400],
    ['one where none is granted', NONE, 'team-a', 'team-a', 403],
    ['a thing of one where none is granted', NONE, 'team-a', undefined, 403],
    ['one with blanks', TWO, 'team-a', 'team-a, team-b', 403],
  ])('that are asked for as %s are closed', async (_what, key, of, workspace, status) => {
    system.forwarded();
    expect((await read(key, of, workspace)).status).toBe(status);
    expect(system.forwarded()).toEqual([]);
  });

  it('tell of themselves what is granted', async () => {
    expect((await system.ask(ONE, { path: `${V3}/workspaces/team-a` })).status).toBe(200);
    expect((await system.ask(ONE, { path: `${V3}/workspaces/team-b` })).status).toBe(403);
  });
});
