import { MLFLOW_VENVS } from '../../../scripts/prepare/python-venv.mjs';
import { startGrantSystem, type GrantSystem, type Reply } from '../../support/systems/grant-system.js';
import { sharedMlflow } from '../../support/mlflow/mlflow-server.js';
import { makeMlflowWorld, type MlflowWorld } from '../../support/mlflow/mlflow-world.js';

const KEY = 'key-of-team-a-0123456789abcdef';
const MANAGER = 'key-of-manager-0123456789abcdef';
const V2 = '/api/2.0/mlflow';

describe.each(MLFLOW_VENVS)('places that %s is told to read, by a key with grants', (venv) => {
  let system: GrantSystem;
  let world: MlflowWorld;

  beforeAll(async () => {
    const { url } = await sharedMlflow(venv);
    world = await makeMlflowWorld(url);
    system = await startGrantSystem(url);
    const { A, mA } = world;
    system.know(KEY, ['mlflow:write'], {
      experiments: [{ id: A, level: 'write' }],
      models: [{ name: mA, level: 'write' }],
    });
    system.know(MANAGER, ['mlflow:manage'], { experiments: [{ name: 'team-a*', level: 'manage' }] });
  }, 120_000);
  afterAll(() => system?.close());

  const post = (path: string, body: object, key = KEY): Promise<Reply> =>
    system.ask(key, { method: path.includes('/tags') ? 'PATCH' : 'POST', path, body });
  const version = (body: object): Promise<Reply> =>
    post(`${V2}/model-versions/create`, { name: world.mA, ...body });

  async function refused(
    replies: readonly [what: unknown, reply: Promise<Reply>][],
    status = 403,
  ): Promise<void> {
    system.forwarded();
    for (const [what, reply] of replies) expect([what, (await reply).status]).toEqual([what, status]);
    expect(system.forwarded()).toEqual([]);
  }

  it('[45] no version is made of the files of a foreign run', async () => {
    const { A, B, rA, rB, mB } = world;
    const own = `mlflow-artifacts:/${A}/${rA}/artifacts/model`;
    const bodies = [
      { source: `mlflow-artifacts:/${B}/${rB}/artifacts/model` },
      { source: `mlflow-artifacts:/${B}/${rB}/artifacts/model`, run_id: rA },
      { source: `runs:/${rB}/model` },
      { source: own, run_id: rB },
      { source: own, runId: rB },
      { source: own, name: mB },
    ];
    await refused(bodies.map((body) => [body, version(body)]));
    await refused([['twice', version({ source: own, run_id: rA, runId: rB })]], 400);
  });

  it('[46] nor by copying a foreign version or logged model', async () => {
    const { mB, lB, lC } = world;
    const logged = [lB, lC].flatMap((id) => (id === undefined ? [] : [`models:/${id}`]));
    const sources = [`models:/${mB}/1`, `models:/${mB}@champion`, `models:/${mB}/latest`, ...logged];
    await refused(sources.map((source) => [source, version({ source })]));
    if (lB !== undefined) {
      const { A, rA } = world;
      const source = `mlflow-artifacts:/${A}/${rA}/artifacts/model`;
      await refused([
        ['model_id', version({ source, model_id: lB })],
        ['modelId', version({ source, modelId: lB })],
      ]);
    }
  });

  it("[47] nor of MLflow's host, another server, or a path that is read in two ways", async () => {
    const { B, rA } = world;
    const sources = [
      '/etc',
      'etc',
      'file:///etc',
      'http://169.254.169.254/',
      's3://x',
      `mlflow-artifacts:/%25${B.charCodeAt(0).toString(16)}${B.slice(1)}/x`,
      `mlflow-artifacts:/%${B.charCodeAt(0).toString(16)}${B.slice(1)}/x`,
      `mlflow-artifacts://host/${B}/`,
      `MLFLOW-ARTIFACTS:/${B}/x`,
      `mlflow-artifacts:/${world.A}/../${B}/x`,
      '',
    ];
    await refused(sources.map((source) => [source, version({ source })]));
    await refused(sources.map((source) => [source, version({ source, run_id: rA })]));
    await refused([['none', version({})]]);
  });

  it('versions are made of what is granted, and what prompts have in place of a source passes', async () => {
    const { A, rA, mA } = world;
    const made = await version({ source: `mlflow-artifacts:/${A}/${rA}/artifacts/model`, run_id: rA });
    expect([made.status, made.text]).toEqual([200, expect.stringContaining(mA)]);
    expect((await version({ source: 'dummy-source' })).status).not.toBe(403);
  });

  it('[48] no experiment is given a place', async () => {
    const { B } = world;
    for (const [index, location] of [
      `mlflow-artifacts:/${B}`,
      '/etc',
      's3://x',
      'mlflow-artifacts:/new',
    ].entries())
      for (const member of ['artifact_location', 'artifactLocation'])
        await refused([
          [
            location,
            post(`${V2}/experiments/create`, { name: `team-a-${index}`, [member]: location }, MANAGER),
          ],
        ]);
    const name = `team-a-made-${process.pid}-${Date.now()}`;
    expect((await post(`${V2}/experiments/create`, { name }, MANAGER)).status).toBe(200);
  });

  it('[37] no trace is given a place, at its start or by a tag', async () => {
    const { A, B, call } = world;
    const place = `mlflow-artifacts:/${B}`;
    const tag = { key: 'mlflow.artifactLocation', value: place };
    const started = await call('POST', `${V2}/traces`, { experiment_id: A, timestamp_ms: 1 });
    const id = (started?.['trace_info'] as { request_id: string } | undefined)?.request_id ?? 'tr-1';
    const info = {
      trace_id: 'tr-0123456789abcdef0123456789abcdef',
      trace_location: { type: 'MLFLOW_EXPERIMENT', mlflow_experiment: { experiment_id: A } },
      request_time: '2026-01-01T00:00:00Z',
      state: 'OK',
      tags: { [tag.key]: place },
    };
    await refused([
      ['set', post(`${V2}/traces/${id}/tags`, tag)],
      ['set v3', post(`/api/3.0/mlflow/traces/${id}/tags`, tag)],
      ['start', post(`${V2}/traces`, { experiment_id: A, timestamp_ms: 1, tags: [tag] })],
      ['start v3', post('/api/3.0/mlflow/traces', { trace: { trace_info: info } })],
      ['start v3, camel', post('/api/3.0/mlflow/traces', { trace: { traceInfo: info } })],
    ]);
    for (const key of ['mlflow.trace.archiveLocation', 'mlflow.trace.spansLocation']) {
      const placed = { ...info, tags: { [key]: place } };
      const other = { key, value: place };
      await refused([
        [`set ${key}`, post(`/api/3.0/mlflow/traces/${id}/tags`, other)],
        [`start ${key}`, post(`${V2}/traces`, { experiment_id: A, timestamp_ms: 1, tags: [other] })],
        [`start v3 ${key}`, post('/api/3.0/mlflow/traces', { trace: { trace_info: placed } })],
      ]);
    }
  });
});
