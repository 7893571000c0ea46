import { sharedMlflow } from '../../support/mlflow/mlflow-server.js';
import { startGrantSystem, type GrantSystem, type Reply } from '../../support/systems/grant-system.js';

const FULL = 'key-of-all-0123456789abcdef';
const KEY = 'key-of-team-a-0123456789abcdef';
const READER = 'key-of-reader-0123456789abcdef';
const V2 = '/api/2.0/mlflow';

describe('grants of experiments and what is below them', () => {
  let system: GrantSystem;
  const ids = { A: '', B: '', rA: '', rB: '' };

  beforeAll(async () => {
    const { url } = await sharedMlflow();
    system = await startGrantSystem(url);
    system.know(FULL, ['mlflow:access'], undefined);
    const name = `grants-${process.pid}-${Date.now()}`;
    ids.A = String((await full('experiments/create', { name: `${name}-a` }))['experiment_id']);
    ids.B = String((await full('experiments/create', { name: `${name}-b` }))['experiment_id']);
    ids.rA = await run(ids.A);
    ids.rB = await run(ids.B);
    system.know(KEY, ['mlflow:manage'], { experiments: [{ id: ids.A, level: 'write' }] });
    system.know(READER, ['mlflow:manage'], { experiments: [{ id: ids.A, level: 'read' }] });
  });
  afterAll(() => system?.close());
  beforeEach(() => {
    system.forwarded();
  });

  async function full(call: string, body: object): Promise<Record<string, unknown>> {
    const reply = await system.ask(FULL, { method: 'POST', path: `${V2}/${call}`, body });
    expect(reply.status).toBe(200);
    return reply.body;
  }
  async function run(experiment: string): Promise<string> {
    const body = await full('runs/create', { experiment_id: experiment });
    return (body['run'] as { info: { run_id: string } }).info.run_id;
  }
  const get = (key: string, path: string): Promise<Reply> => system.ask(key, { path: `${V2}/${path}` });
  const post = (key: string, path: string, body: object): Promise<Reply> =>
    system.ask(key, { method: 'POST', path: `${V2}/${path}`, body });

  it('open what is granted, and close the rest with a sentence that says what is missing', async () => {
    expect((await get(KEY, `experiments/get?experiment_id=${ids.A}`)).status).toBe(200);
    expect((await get(KEY, `runs/get?run_id=${ids.rA}&run_uuid=${ids.rA}`)).status).toBe(200);
    expect((await post(KEY, 'runs/set-tag', { run_id: ids.rA, key: 'k', value: 'v' })).status).toBe(200);
    system.forwarded();
    for (const reply of [
      await get(KEY, `experiments/get?experiment_id=${ids.B}`),
      await get(KEY, `runs/get?run_id=${ids.rB}`),
      await post(KEY, 'runs/set-tag', { run_id: ids.rB, key: 'k', value: 'v' }),
      await post(READER, 'runs/set-tag', { run_id: ids.rA, key: 'k', value: 'v' }),
      await post(KEY, 'runs/delete', { run_id: ids.rA }),
    ]) {
      expect(reply.status).toBe(403);
      expect(reply.body).toMatchObject({
        error_code: 'PERMISSION_DENIED',
        message: expect.stringMatching(/^The API key has no grant to (read|write|manage) the /) as string,
      });
    }
    expect(system.forwarded()).toEqual([]);
  });

  it('say the same of what is not granted and of what does not exist', async () => {
    const random = '0123456789abcdef0123456789abcdef';
    const foreign = (await get(KEY, `runs/get?run_id=${ids.rB}`)).body;
    const missing = (await get(KEY, `runs/get?run_id=${random}`)).body;
    expect(String(missing['message']).replace(random, ids.rB)).toBe(foreign['message']);
    expect(system.forwarded()).toEqual([]);
  });

  it('ask about a name each time, whether there is such an experiment or not', async () => {
    const { body } = await get(FULL, `experiments/get?experiment_id=${ids.B}`);
    const { name } = body['experiment'] as { name: string };
    system.forwarded();
    for (const one of [name, `no-${name}`]) {
      system.relay.requests.length = 0;
      for (let i = 0; i < 3; i++)
        expect((await get(KEY, `experiments/get-by-name?experiment_name=${one}`)).status).toBe(403);
      expect(system.relay.requests.map(({ url }) => url.split('?')[0])).toEqual(
        Array.from({ length: 3 }, () => `${V2}/experiments/get-by-name`),
      );
    }
    expect(system.forwarded()).toEqual([]);
  });

  it('close a call that no rule decides', async () => {
    const reply = await post(KEY, 'jobs-of-tomorrow', {});
    expect(reply.status).toBe(404);
    const undecided = await system.ask(KEY, { path: '/ajax-api/2.0/mlflow/gateway-proxy?gateway_path=x' });
    expect(undecided).toMatchObject({ status: 403, body: { error_code: 'PERMISSION_DENIED' } });
    expect(system.forwarded()).toEqual([]);
  });

  it('learn a new run from the answer to its creation: nothing is asked about it', async () => {
    const created = await post(KEY, 'runs/create', { experiment_id: ids.A });
    const { run_id: id } = (created.body['run'] as { info: { run_id: string } }).info;
    system.relay.requests.length = 0;
    expect((await post(KEY, 'runs/set-tag', { run_id: id, key: 'k', value: 'v' })).status).toBe(200);
    expect(system.relay.requests.map(({ url }) => url)).toEqual([`${V2}/runs/set-tag`]);
  });
});
