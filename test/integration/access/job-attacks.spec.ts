import {
  FULL,
  get,
  KEY,
  MANAGER,
  post,
  startAttackedSystem,
  V3,
  type AttackedSystem,
} from '../../support/mlflow/granted-things.js';
import { startMlflowServer, type MlflowServer } from '../../support/mlflow/mlflow-server.js';

const JOBS = '/ajax-api/3.0/jobs';
const OPTIMIZATION = `${V3}/prompt-optimization/jobs`;

/** Real jobs of MLflow's own runner: two optimizations of prompts, in the own experiment and in a foreign one. */
describe('jobs of an MLflow that runs them', () => {
  let server: MlflowServer;
  let system: AttackedSystem;
  let own: string;
  let foreign: string;

  beforeAll(async () => {
    server = await startMlflowServer({ env: { MLFLOW_SERVER_ENABLE_JOB_EXECUTION: 'true' } });
    system = await startAttackedSystem(server.url);
    const { A, B, pA, pB } = system.things;
    own = await optimization(A, pA);
    foreign = await optimization(B, pB);
    system.forwarded();
  }, 300_000);
  afterAll(async () => {
    await system?.close();
    await server?.close();
  });

  async function optimization(experiment_id: string, prompt: string): Promise<string> {
    const body = await system.full('POST', OPTIMIZATION, wanted(experiment_id, prompt));
    return (body['job'] as { job_id: string }).job_id;
  }
  const wanted = (experiment_id: string, prompt: string, more: object = {}): object => ({
    experiment_id,
    source_prompt_uri: `prompts:/${prompt}/1`,
    config: { optimizer_type: 'OPTIMIZER_TYPE_METAPROMPT', scorers: ['Correctness'], ...more },
  });
  const refused = async (...attack: Parameters<AttackedSystem['ask']>): Promise<void> => {
    system.forwarded();
    const reply = await system.ask(...attack);
    expect({ status: reply.status, code: reply.body['error_code'], forwarded: system.forwarded() }).toEqual({
      ...{ status: 403, code: 'PERMISSION_DENIED' },
      forwarded: [],
    });
  };
  const idsOf = (body: Record<string, unknown>, list = 'jobs'): unknown[] =>
    (body[list] as { job_id: unknown }[]).map(({ job_id: id }) => id);

  it('are seen in the list of all as far as their experiments are granted', async () => {
    expect(idsOf(await system.full('POST', `${JOBS}/search`, {})).sort()).toEqual([own, foreign].sort());
    const reply = await system.ask(KEY, post(`${JOBS}/search`, {}));
    expect([reply.status, idsOf(reply.body)]).toEqual([200, [own]]);
  });

  it('are read by who may read their experiment, and by nobody else', async () => {
    for (const path of [`${JOBS}/${own}`, `${OPTIMIZATION}/${own}`])
      expect([path, (await system.ask(KEY, get(path))).status]).toEqual([path, 200]);
    for (const key of [KEY, MANAGER])
      for (const path of [
        `${JOBS}/${foreign}`,
        `/ajax-api/3.0/mlflow/jobs/${foreign}`,
        `${OPTIMIZATION}/${foreign}`,
      ])
        await refused(key, get(path));
    await refused(MANAGER, post(`${OPTIMIZATION}/search`, { experiment_id: system.things.B }));
    const found = await system.ask(KEY, post(`${OPTIMIZATION}/search`, { experiment_id: system.things.A }));
    expect([found.status, idsOf(found.body)]).toEqual([200, [own]]);
  });

  it('are neither cancelled nor deleted by others', async () => {
    await refused(MANAGER, { method: 'PATCH', path: `${JOBS}/cancel/${foreign}` });
    await refused(MANAGER, { method: 'PATCH', path: `/ajax-api/3.0/mlflow/jobs/cancel/${foreign}` });
    await refused(MANAGER, post(`${OPTIMIZATION}/${foreign}/cancel`, {}));
    await refused(MANAGER, { method: 'DELETE', path: `${OPTIMIZATION}/${foreign}` });
    const still = await system.full('GET', `${JOBS}/${foreign}`);
    expect(still['status']).not.toBe('CANCELED');
  });

  it('are not made of foreign prompts and data sets, nor in a foreign experiment', async () => {
    const { A, B, pA, pB, dB } = system.things;
    await refused(MANAGER, post(OPTIMIZATION, wanted(A, pB)));
    await refused(MANAGER, post(OPTIMIZATION, wanted(B, pA)));
    await refused(MANAGER, post(OPTIMIZATION, wanted(A, pA, { dataset_id: dB })));
    // Its prompt may only be read: a job writes new versions of it.
    await refused(KEY, post(OPTIMIZATION, wanted(A, pA)));
    expect((await system.ask(MANAGER, post(OPTIMIZATION, wanted(A, pA)))).status).toBe(200);
  });

  it('end by the key that may manage what they are in', async () => {
    const cancelled = await system.ask(MANAGER, post(`${OPTIMIZATION}/${own}/cancel`, {}));
    expect([200, 400]).toContain(cancelled.status);
    const deleted = await system.ask(MANAGER, { method: 'DELETE', path: `${OPTIMIZATION}/${own}` });
    expect(deleted.status).toBe(200);
    expect((await system.ask(FULL, get(`${JOBS}/${own}`))).status).toBe(404);
  });

  it('that score by themselves are set for the own experiment alone, and seen of it alone', async () => {
    const { A, B, prefix } = system.things;
    const endpoint = `gpt-${prefix}`;
    await modelEndpoint(endpoint);
    const scorer = JSON.stringify({
      name: 's',
      instructions_judge_pydantic_data: {
        instructions: 'Is {{ outputs }} good?',
        model: `gateway:/${endpoint}`,
      },
    });
    const ids: string[] = [];
    for (const experiment_id of [A, B]) {
      const body = { experiment_id, name: 's', serialized_scorer: scorer };
      ids.push(String((await system.full('POST', `${V3}/scorers/register`, body))['scorer_id']));
      const online = { experiment_id, name: 's', sample_rate: 0.5 };
      await system.full('PUT', `${V3}/scorers/online-config`, online);
    }
    const path = `/ajax-api/3.0/mlflow/scorers/online-configs?${ids.map((id) => `scorer_ids=${id}`).join('&')}`;
    expect((await system.full('GET', path))['configs']).toHaveLength(2);
    const seen = await system.ask(KEY, get(path));
    expect([seen.status, seen.body['configs']]).toEqual([
      200,
      [expect.objectContaining({ scorer_id: ids[0], experiment_id: A }) as unknown],
    ]);
    const body = { experiment_id: B, name: 's', sample_rate: 1 };
    await refused(MANAGER, { method: 'PUT', path: `${V3}/scorers/online-config`, body });
  });

  /** An endpoint of MLflow's AI gateway, which judges need; nobody calls it. */
  async function modelEndpoint(name: string): Promise<void> {
    const made = await system.full('POST', `${V3}/gateway/secrets/create`, {
      ...{ secret_name: name, provider: 'openai', secret_value: { api_key: 'none' } },
    });
    const secret_id = (made['secret'] as { secret_id: string }).secret_id;
    const model = await system.full('POST', `${V3}/gateway/model-definitions/create`, {
      ...{ name, provider: 'openai', model_name: 'none', secret_id },
    });
    const { model_definition_id } = model['model_definition'] as { model_definition_id: string };
    await system.full('POST', `${V3}/gateway/endpoints/create`, {
      name,
      model_configs: [{ model_definition_id, linkage_type: 'PRIMARY', weight: 1 }],
    });
  }
});
