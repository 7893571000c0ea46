import { isFullRun } from '../../support/run/full-run.js';
import { MLFLOW_ON_POSTGRES, sharedMlflow } from '../../support/mlflow/mlflow-server.js';
import { metricOf } from '../../support/lib/metrics.js';
import { startGrantSystem, type GrantSystem, type Reply } from '../../support/systems/grant-system.js';
import { MlflowThings } from '../../support/mlflow/mlflow-things.js';

const FULL = 'key-of-all-0123456789abcdef';
const KEY = 'key-of-team-a-0123456789abcdef';
const V2 = '/api/2.0/mlflow';
/** Every third is granted, which is one more than a page of 25 holds, and two whole pages of half as many. */
const EXPERIMENTS = isFullRun ? 156 : 78;
const OWN = EXPERIMENTS / 3;
const MODELS = 12;

interface Row {
  readonly name: string;
}

/** MLflow 3.17 takes lists in its filters, 2.22 does not. */
describe.each([
  ['restricts', 'mlflow'],
  ['restricts', MLFLOW_ON_POSTGRES],
  ['fills', 'mlflow-2.22'],
])('the gateway %s pages of %s', (way, version) => {
  let system: GrantSystem;
  let things: MlflowThings;
  let prefix = '';

  beforeAll(async () => {
    system = await startGrantSystem((await sharedMlflow(version)).url);
    system.know(FULL, ['mlflow:access'], undefined);
    things = new MlflowThings(system);
    prefix = things.name('pages');
    const kinds = Array.from({ length: EXPERIMENTS }, (_, n) => (n % 3 === 0 ? 'own' : 'other'));
    for (const [n, kind] of kinds.entries()) await things.experiment(`${prefix}-${kind}-${n}`);
    const run = await things.run(await things.experiment(`${prefix}-other-x`));
    for (let n = 0; n < MODELS; n++) {
      const kind = n % 3 === 0 ? 'own' : 'other';
      await things.model(`${prefix}-${kind}-${n}`, run);
      await things.model(`${prefix}-${kind}-p${n}`, run, true);
    }
    system.know(KEY, ['mlflow:write'], {
      experiments: [{ name: `${prefix}-own-*`, level: 'read' }],
      models: [{ name: `${prefix}-own-*`, level: 'read' }],
      prompts: [{ name: `${prefix}-own-p0`, level: 'read' }],
    });
  });
  afterAll(() => system?.close());

  const search = (list: string, body: Record<string, unknown>, key = KEY): Promise<Reply> => {
    if (list === 'experiments')
      return system.ask(key, { method: 'POST', path: `${V2}/experiments/search`, body });
    const query = Object.entries(body).flatMap(([name, value]) =>
      [value].flat().map((one) => `${name}=${encodeURIComponent(String(one))}`),
    );
    return system.ask(key, { path: `${V2}/${list}/search?${query.join('&')}` });
  };
  const rowsOf = (list: string, { status, body, text }: Reply): string[] => {
    expect({ status, text }).toMatchObject({ status: 200 });
    return ((body[list.replace('-', '_')] ?? []) as Row[]).map(({ name }) => name);
  };
  /** All pages, and the tokens between them. */
  async function walk(
    list: string,
    body: Record<string, unknown>,
    key = KEY,
  ): Promise<[string[][], string[]]> {
    const pages: string[][] = [];
    const tokens: string[] = [];
    for (;;) {
      const reply = await search(
        list,
        { ...body, ...(tokens.length > 0 && { page_token: tokens.at(-1) }) },
        key,
      );
      pages.push(rowsOf(list, reply));
      const token = reply.body['next_page_token'] as string | undefined;
      if (token === undefined) return [pages, tokens];
      tokens.push(token);
    }
  }
  const own = (name: string): boolean => name.startsWith(`${prefix}-own-`);

  it.each([1, 7, 25, 100, 1000])(
    'of %i: together they are the granted experiments, once each, in the order of MLflow',
    async (size) => {
      const filter = `name LIKE '${prefix}%'`;
      const [[all]] = (await walk('experiments', { max_results: 1000, filter }, FULL)) as [
        [string[]],
        string[],
      ];
      const expected = all.filter(own);
      expect(expected).toHaveLength(OWN);
      const [pages] = await walk('experiments', { max_results: size, filter });
      expect(pages.flat()).toEqual(expected);
      expect(pages.slice(0, -1).every(({ length }) => length === size)).toBe(true);
      expect(pages).toHaveLength(Math.ceil(expected.length / size));
    },
  );

  it('in the order that the client asks for, also without a filter', async () => {
    const order_by = ['name DESC'];
    const [pages] = await walk('experiments', { max_results: 20, order_by });
    const [all] = await walk('experiments', { max_results: 1000, order_by }, FULL);
    expect(pages.flat()).toEqual(all.flat().filter(own));
  });

  it('of models, prompts and their versions, each by its own grants', async () => {
    const prompts = "tags.`mlflow.prompt.is_prompt` = 'true'";
    const models = Array.from({ length: MODELS / 3 }, (_, n) => `${prefix}-own-${n * 3}`);
    const [byName] = await walk('registered-models', { max_results: 3 });
    expect(byName.flat().sort()).toEqual(models.sort());
    const [open] = await walk('registered-models', { max_results: 100, filter: prompts });
    expect(open.flat()).toEqual([`${prefix}-own-p0`]);
    // As the Python client asks.
    const versions = await search('model-versions', { max_results: 10_000 });
    expect(rowsOf('model-versions', versions).sort()).toEqual(models.sort());
    const [some] = await walk('model-versions', { max_results: 3 });
    expect(some.flat().sort()).toEqual(models.sort());
    const promptVersions = await search('model-versions', { max_results: 10_000, filter: prompts });
    expect(rowsOf('model-versions', promptVersions)).toEqual([`${prefix}-own-p0`]);
  });

  it('that a single name narrows', async () => {
    const key = 'key-of-one-name-0123456789abcdef';
    const name = `${prefix}-own-3`;
    system.know(key, ['mlflow:read'], {
      experiments: [{ name, level: 'read' }],
      models: [{ name, level: 'read' }],
    });
    expect((await walk('experiments', { max_results: 5 }, key))[0]).toEqual([[name]]);
    expect((await walk('registered-models', { max_results: 5 }, key))[0]).toEqual([[name]]);
    expect(
      (await walk('experiments', { max_results: 5, filter: `name = '${prefix}-other-1'` }, key))[0],
    ).toEqual([[]]);
  });

  it('without a word of what is hidden: no token behind the last granted row, none that can be read', async () => {
    const [, tokens] = await walk('experiments', { max_results: OWN / 2, order_by: ['name ASC'] });
    expect(tokens).toHaveLength(1);
    if (way === 'fills')
      expect(Buffer.from(tokens[0] as string, 'base64').toString('latin1')).not.toContain('offset');
  });

  it('with a token of another search, or a number of rows that there cannot be: 400', async () => {
    const { body } = await search('experiments', { max_results: 10 }, FULL);
    const foreign = await search('experiments', { max_results: 10, page_token: body['next_page_token'] });
    // A restricted list has places of its own, and MLflow's tokens are nothing but places.
    expect(foreign.status).toBe(way === 'fills' ? 400 : 200);
    for (const name of way === 'restricts' ? rowsOf('experiments', foreign) : [])
      expect(own(name)).toBe(true);
    for (const max_results of [0, -1, 50_001, 'x'])
      expect((await search('experiments', { max_results })).status).toBe(400);
    expect((await search('registered-models', { max_results: 1001 })).status).toBe(400);
  });

  it.each([
    ['experiments', { max_results: 10, order_by: ['none'] }],
    ['registered-models', { order_by: ['name ASC', 'name DESC'] }],
    ['model-versions', { order_by: ['name ASC', 'name DESC'] }],
    ['registered-models', { filter: 'none' }],
  ])('with what MLflow itself answers to a search that it cannot make: %s %j', async (list, body) => {
    const [own, others] = [await search(list, body, FULL), await search(list, body)];
    expect([others.status, others.text]).toEqual([own.status, own.text]);
    expect(own.status).toBeGreaterThanOrEqual(400);
  });

  it('also where MLflow would stop at a number that is too large', async () => {
    const path = (size: string): string => `${V2}/experiments/search?max_results=${size}`;
    expect((await system.ask(KEY, { path: path('99999999999999999999') })).status).toBe(400);
  });

  it('for no HEAD, whose query MLflow does not read: its length would be that of all there is', async () => {
    system.forwarded();
    for (const list of ['experiments', 'registered-models', 'model-versions'])
      expect(
        (await system.ask(KEY, { method: 'HEAD', path: `${V2}/${list}/search?max_results=10` })).status,
      ).toBe(400);
    expect(system.forwarded()).toEqual([]);
  });

  it('of runs and traces in experiments that the request lists', async () => {
    const [own, other] = [
      await things.experiment(`${prefix}-own-runs`),
      await things.experiment(`${prefix}-other-runs`),
    ];
    const [run] = [await things.run(own), await things.run(other)];
    const both = { experiment_ids: [other, own], max_results: 10 };
    const reply = await system.ask(KEY, { method: 'POST', path: `${V2}/runs/search`, body: both });
    expect(reply.status).toBe(200);
    expect((reply.body['runs'] as { info: { run_id: string } }[]).map(({ info }) => info.run_id)).toEqual([
      run,
    ]);
    system.forwarded();
    const foreign = await system.ask(KEY, { path: `${V2}/traces?experiment_ids=${other}` });
    expect(foreign.status).toBe(403);
    expect(system.forwarded()).toEqual([]);
    expect(
      (await system.ask(KEY, { path: `${V2}/traces?experiment_ids=${other}&experiment_ids=${own}` })).status,
    ).toBe(200);
    expect(system.forwarded()).toEqual([`GET ${V2}/traces?experiment_ids=${own}`]);
  });

  it.each(["name LIKE '%' OR name LIKE '%'", "name LIKE '%' --", "name = '", 'owner = 1', "') OR ('1' = '1"])(
    'of nothing foreign, or what MLflow says of the filter %j',
    async (filter) => {
      const reply = await search('experiments', { max_results: 1000, filter });
      expect([200, 400]).toContain(reply.status);
      if (reply.status === 200) for (const name of rowsOf('experiments', reply)) expect(own(name)).toBe(true);
      else expect(reply.body).toMatchObject({ error_code: 'INVALID_PARAMETER_VALUE' });
    },
  );

  it('with few questions to MLflow, which are counted', async () => {
    system.relay.requests.length = 0;
    // Three pages.
    await walk('experiments', { max_results: OWN / 2 - 1, filter: `name LIKE '${prefix}%'` });
    const asked = system.relay.requests.filter(({ method }) => method === 'POST').length;
    expect(asked).toBeLessThanOrEqual(6);
    const label = way === 'fills' ? 'filled' : 'restricted';
    expect(await metricOf(system.gateway, `access_searches_total{strategy="${label}"}`)).toBeGreaterThan(0);
  });
});
