import { MLFLOW_ON_POSTGRES, sharedMlflow } from '../../support/mlflow/mlflow-server.js';
import { startGrantSystem, type GrantSystem, type Reply } from '../../support/systems/grant-system.js';
import { MlflowThings } from '../../support/mlflow/mlflow-things.js';

const FULL = 'key-of-all-0123456789abcdef';
const KEY = 'key-of-team-a-0123456789abcdef';
const NOBODY = 'key-of-nobody-0123456789abcdef';
const V2 = '/api/2.0/mlflow';
const V3 = '/api/3.0/mlflow';

interface Row {
  readonly name: string;
  readonly experiment_id: string;
  readonly info: { readonly experiment_id: string; readonly run_id: string; readonly model_id: string };
  readonly trace_id: string;
}

describe.each(['mlflow', MLFLOW_ON_POSTGRES])('searches and lists with grants of %s', (version) => {
  let system: GrantSystem;
  let things: MlflowThings;
  const ids = { A: '', B: '', rA: '', rB: '', tA: '', tB: '', lA: '', lB: '', dA: '', dB: '' };
  const names = { A: '', B: '', mA: '', mB: '', pA: '', pB: '' };

  beforeAll(async () => {
    const { url } = await sharedMlflow(version);
    system = await startGrantSystem(url);
    system.know(FULL, ['mlflow:access'], undefined);
    things = new MlflowThings(system);
    for (const one of ['A', 'B'] as const) {
      names[one] = things.name(`team-${one}`);
      ids[one] = await things.experiment(names[one]);
      ids[`r${one}`] = await things.run(ids[one]);
      ids[`t${one}`] = await things.trace(ids[one]);
      ids[`l${one}`] = await things.loggedModel(ids[one]);
      ids[`d${one}`] = await things.dataset(ids[one]);
      names[`m${one}`] = await things.model(things.name('model'), ids[`r${one}`]);
      names[`p${one}`] = await things.model(things.name('prompt'), ids[`r${one}`], true);
    }
    system.know(KEY, ['mlflow:write'], {
      experiments: [{ id: ids.A, level: 'write' }],
      // A grant of models opens no prompt of that name.
      models: [
        { name: names.mA, level: 'write' },
        { name: names.pB, level: 'write' },
      ],
      prompts: [{ name: names.pA, level: 'read' }],
    });
    system.know(NOBODY, ['mlflow:write'], {});
  });
  afterAll(() => system?.close());
  beforeEach(() => {
    system.forwarded();
  });

  const post = (path: string, body: object, key = KEY): Promise<Reply> =>
    system.ask(key, { method: 'POST', path, body });
  const get = (path: string, key = KEY): Promise<Reply> => system.ask(key, { path });
  const rows = (reply: Reply, member: string): Row[] => {
    expect({ status: reply.status, text: reply.text }).toMatchObject({ status: 200 });
    return (reply.body[member] ?? []) as Row[];
  };
  const experiments = async (filter: string, more: object = {}, key = KEY): Promise<string[]> => {
    const reply = await post(`${V2}/experiments/search`, { max_results: 100, filter, ...more }, key);
    return rows(reply, 'experiments').map(({ experiment_id: id }) => id);
  };
  const found = async (path: string, member: string, key = KEY): Promise<string[]> =>
    rows(await get(path, key), member).map(({ name }) => name);

  it('show runs of granted experiments alone, on every page and with a token of somebody else', async () => {
    const more = [await things.run(ids.A), await things.run(ids.B)];
    const seen: string[] = [];
    let token: string | undefined;
    do {
      const reply = await post(`${V2}/runs/search`, {
        experiment_ids: [ids.A, ids.B],
        max_results: 1,
        ...(token !== undefined && { page_token: token }),
      });
      seen.push(...rows(reply, 'runs').map(({ info }) => info.run_id));
      token = reply.body['next_page_token'] as string | undefined;
    } while (token !== undefined);
    expect(new Set(seen)).toEqual(new Set([ids.rA, more[0]]));
    const open = await post(`${V2}/runs/search`, { experiment_ids: [ids.A, ids.B], max_results: 1 }, FULL);
    const reply = await post(`${V2}/runs/search`, {
      experiment_ids: [ids.A, ids.B],
      page_token: open.body['next_page_token'],
    });
    expect(rows(reply, 'runs').every(({ info }) => info.experiment_id === ids.A)).toBe(true);
  });

  it('show no foreign run by a filter that names it', async () => {
    const filter = `attributes.run_id IN ('${ids.rB}')`;
    expect(rows(await post(`${V2}/runs/search`, { experiment_ids: [ids.A], filter }), 'runs')).toEqual([]);
  });

  it('show granted experiments alone, for every filter and order', async () => {
    expect(await experiments('')).toEqual([ids.A]);
    expect(await experiments(`name ILIKE '%'`)).toEqual([ids.A]);
    expect(await experiments(`experiment_id = '${ids.B}'`)).toEqual([]);
    expect(await experiments(`name = '${names.B}'`)).toEqual([]);
    expect(await experiments(`experiment_id IN ('${ids.A}','${ids.B}')`)).toEqual([ids.A]);
    expect(await experiments('', { order_by: ['experiment_id DESC'], max_results: 1 })).toEqual([ids.A]);
    const query = `max_results=100&filter=${encodeURIComponent("name LIKE '%'")}`;
    const byGet = rows(await get(`${V2}/experiments/search?${query}`), 'experiments');
    expect(byGet.map(({ experiment_id: id }) => id)).toEqual([ids.A]);
  });

  it.each([
    "name LIKE '%' --",
    "name LIKE '%'; SELECT 1",
    "name LIKE '%' OR name LIKE '%'",
    "name LIKE '%' /* */ OR 1=1",
    "name = '",
    "' OR name LIKE '%",
    ') OR (name = name',
    "OR name LIKE '%'",
    "AND name LIKE '%'",
    'UNION SELECT * FROM experiments',
    "name LIKE '%') OR (name LIKE '%'",
    "name LIKE '%' AND (name LIKE '%' OR name LIKE '%')",
    "NOT name = 'x'",
    '\u0000',
    "`name` LIKE '%' OR `name` LIKE '%'",
    "BETWEEN '0' AND '9'",
    ", '9')",
    '# comment',
    '-- comment',
  ])('show nothing foreign for a filter that tries to get out: %j', async (filter) => {
    const reply = await post(`${V2}/experiments/search`, { max_results: 1000, filter });
    expect([200, 400]).toContain(reply.status);
    const seen = ((reply.body['experiments'] ?? []) as Row[]).map(({ experiment_id: id }) => id);
    expect(seen.filter((id) => id !== ids.A)).toEqual([]);
  });

  it('show tokens and pages of what is granted alone', async () => {
    const C = await things.experiment();
    system.know(NOBODY, ['mlflow:read'], {
      experiments: [
        { id: ids.A, level: 'read' },
        { id: C, level: 'read' },
      ],
    });
    const first = await post(`${V2}/experiments/search`, { max_results: 1 }, NOBODY);
    expect(rows(first, 'experiments')).toHaveLength(1);
    const second = await post(
      `${V2}/experiments/search`,
      { max_results: 1, page_token: first.body['next_page_token'] },
      NOBODY,
    );
    expect(rows(second, 'experiments')).toHaveLength(1);
    expect(second.body['next_page_token']).toBeUndefined();
  });

  it('show nothing to a key without any grant, and forward nothing', async () => {
    system.know('key-of-none-0123456789abcdef', ['mlflow:write'], {});
    for (const path of [
      `${V2}/experiments/search?max_results=10`,
      `${V2}/registered-models/search`,
      `${V2}/model-versions/search`,
      `${V3}/datasets/search`,
      `${V3}/scorers/list`,
    ])
      expect(await get(path, 'key-of-none-0123456789abcdef')).toMatchObject({ status: 200, text: '{}' });
    expect(system.forwarded()).toEqual([]);
  });

  it('show granted models and their versions alone, and prompts by their own grants', async () => {
    const prompts = encodeURIComponent("tags.`mlflow.prompt.is_prompt` = 'true'");
    expect(await found(`${V2}/registered-models/search`, 'registered_models')).toEqual([names.mA]);
    expect(await found(`${V2}/registered-models/search?filter=${prompts}`, 'registered_models')).toEqual([
      names.pA,
    ]);
    const foreign = encodeURIComponent(`name = '${names.mB}'`);
    expect(await found(`${V2}/registered-models/search?filter=${foreign}`, 'registered_models')).toEqual([]);
    expect(await found(`${V2}/model-versions/search`, 'model_versions')).toEqual([names.mA]);
    expect(await found(`${V2}/model-versions/search?filter=${prompts}`, 'model_versions')).toEqual([
      names.pA,
    ]);
    const run = encodeURIComponent(`run_id = '${ids.rB}'`);
    expect(await found(`${V2}/model-versions/search?filter=${run}`, 'model_versions')).toEqual([]);
  });

  it('show logged models of granted experiments alone; a token of a longer list is refused by MLflow', async () => {
    const search = (body: object, key = KEY): Promise<Reply> => post(`${V2}/logged-models/search`, body, key);
    expect(await search({ experiment_ids: [ids.B] })).toMatchObject({ status: 403 });
    const pruned = rows(await search({ experiment_ids: [ids.B, ids.A] }), 'models');
    expect(pruned.map(({ info }) => info.model_id)).toEqual([ids.lA]);
    const open = await search({ experiment_ids: [ids.A, ids.B], max_results: 1 }, FULL);
    const token = open.body['next_page_token'];
    expect(await search({ experiment_ids: [ids.A], page_token: token })).toMatchObject({ status: 400 });
  });

  it('show traces of granted experiments alone', async () => {
    const location = (id: string, name = 'mlflow_experiment'): object => ({
      type: 'MLFLOW_EXPERIMENT',
      [name]: { [name === 'mlflow_experiment' ? 'experiment_id' : 'experimentId']: id },
    });
    const search = (...locations: object[]): Promise<Reply> => post(`${V3}/traces/search`, { locations });
    const both = await search(location(ids.A), location(ids.B, 'mlflowExperiment'));
    expect(rows(both, 'traces').map(({ trace_id: id }) => id)).toEqual([ids.tA]);
    expect(await search(location(ids.B))).toMatchObject({ status: 403 });
    const byQuery = await get(`${V2}/traces?experiment_ids=${ids.A}&experiment_ids=${ids.B}`);
    expect(byQuery.text).toContain(ids.tA);
    expect(byQuery.text).not.toContain(ids.tB);
  });

  it('leave foreign traces out of a batch', async () => {
    const [own, foreign] = [await things.span(ids.A), await things.span(ids.B)];
    const byGet = await get(`${V3}/traces/batchGet?trace_ids=${own}&trace_ids=${foreign}`);
    expect(rows(byGet, 'traces')).toHaveLength(1);
    expect(byGet.text).toContain(own);
    expect(byGet.text).not.toContain(foreign);
    const byPost = await post(`${V3}/traces/batchGetInfos`, { trace_ids: [ids.tB, ids.tA] });
    expect(rows(byPost, 'trace_infos').map(({ trace_id: id }) => id)).toEqual([ids.tA]);
    expect(await post(`${V3}/traces/batchGetInfos`, { trace_ids: [ids.tB] })).toMatchObject({ status: 403 });
  });

  it('give no figures of foreign experiments', async () => {
    const metrics = {
      experiment_ids: [ids.B],
      view_type: 'TRACES',
      metric_name: 'trace_count',
      aggregations: [{ aggregation_type: 'COUNT' }],
    };
    expect(await post(`${V3}/traces/metrics`, metrics)).toMatchObject({ status: 403 });
    const own = await post(`${V3}/traces/metrics`, { ...metrics, experiment_ids: [ids.A, ids.B] });
    const alone = await post(`${V3}/traces/metrics`, { ...metrics, experiment_ids: [ids.A] }, FULL);
    expect(own).toMatchObject({ status: 200, body: alone.body });
    const correlation = { experiment_ids: [ids.B], filter_string1: 'x', filter_string2: 'y' };
    const refused = await post(`${V3}/traces/calculate-filter-correlation`, correlation);
    expect(refused).toMatchObject({ status: 403 });
  });

  it('show data sets and scorers of granted experiments alone, also where none is named', async () => {
    const all = await get(`${V3}/datasets/search`);
    expect(all.text).toContain(ids.dA);
    expect(all.text).not.toContain(ids.dB);
    const named = await post(`${V3}/datasets/search`, { experiment_ids: [ids.B] });
    expect(named.status).toBe(403);
    for (const one of [ids.A, ids.B])
      await things.call('POST', `${V3}/scorers/register`, {
        experiment_id: one,
        name: `scorer-of-${one}`,
        serialized_scorer: JSON.stringify({ name: `scorer-of-${one}` }),
      });
    const scorers = await get(`${V3}/scorers/list`);
    expect(scorers.text).toContain(`scorer-of-${ids.A}`);
    expect(scorers.text).not.toContain(`scorer-of-${ids.B}`);
    expect(await get(`${V3}/scorers/list?experiment_id=${ids.B}`)).toMatchObject({ status: 403 });
    const pruned = await get(`${V3}/scorers/list?experiment_ids=${ids.A}&experiment_ids=${ids.B}`);
    expect(pruned.text).not.toContain(`scorer-of-${ids.B}`);
  });

  it('forward to MLflow nothing that names what is refused', async () => {
    for (const [path, body] of [
      [`${V2}/runs/search`, { experiment_ids: [ids.B] }],
      [`${V2}/runs/search`, { experimentIds: [ids.B] }],
      [`${V2}/logged-models/search`, { experiment_ids: [ids.B] }],
      [`${V3}/traces/search`, { locations: [{ mlflow_experiment: { experiment_id: ids.B } }] }],
      [`${V3}/traces/batchGetInfos`, { trace_ids: [ids.tB] }],
    ] as const)
      expect(await post(path, body)).toMatchObject({ status: 403 });
    expect(system.forwarded()).toEqual([]);
  });
});
