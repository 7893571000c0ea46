import { sharedMlflow } from '../../support/mlflow/mlflow-server.js';
import {
  startGrantSystem,
  type Asked,
  type GrantSystem,
  type Reply,
} from '../../support/systems/grant-system.js';
import { MlflowThings } from '../../support/mlflow/mlflow-things.js';

const FULL = 'key-of-all-0123456789abcdef';
const KEY = 'key-of-team-a-0123456789abcdef';

describe('GraphQL with grants', () => {
  let system: GrantSystem;
  const ids = { A: '', B: '', rA: '', rB: '' };
  const names = { mA: '', mB: '' };

  beforeAll(async () => {
    const { url } = await sharedMlflow();
    system = await startGrantSystem(url);
    system.know(FULL, ['mlflow:access'], undefined);
    const things = new MlflowThings(system);
    for (const one of ['A', 'B'] as const) {
      ids[one] = await things.experiment();
      ids[`r${one}`] = await things.run(ids[one]);
    }
    // Both models have a version of the granted run: the list below a run is of two owners.
    names.mA = await things.model(things.name('model'), ids.rA);
    names.mB = await things.model(things.name('model'), ids.rA);
    system.know(KEY, ['mlflow:write'], {
      experiments: [{ id: ids.A, level: 'write' }],
      models: [{ name: names.mA, level: 'write' }],
    });
  });
  afterAll(() => system?.close());
  beforeEach(() => {
    system.forwarded();
  });

  const send = (body: Asked['body'], more: Partial<Asked> = {}): Promise<Reply> =>
    system.ask(KEY, { method: 'POST', path: '/graphql', body, ...more });
  const query = (text: string, variables?: object, operationName?: string): Promise<Reply> =>
    send({ query: text, ...(variables && { variables }), ...(operationName && { operationName }) });
  const run = (id: string): string => `mlflowGetRun(input: {runId: "${id}"}) { run { info { runId } } }`;

  it('gives runs, experiments, searches and figures of what is granted', async () => {
    const one = await query(`{ ${run(ids.rA)} }`);
    expect(one).toMatchObject({
      status: 200,
      body: { data: { mlflowGetRun: { run: { info: { runId: ids.rA } } } } },
    });
    const search =
      'query S($d: MlflowSearchRunsInput!) { mlflowSearchRuns(input: $d) { runs { info { runId } } } }';
    expect((await query(search, { d: { experimentIds: [ids.A] } })).text).toContain(ids.rA);
    const experiment = `{ mlflowGetExperiment(input: {experimentId: "${ids.A}"}) { experiment { experimentId } } }`;
    expect((await query(experiment)).text).toContain(`"experimentId":"${ids.A}"`);
    expect((await query('{ __schema { queryType { name } } }')).text).toContain('"name":"Query"');
  });

  it.each([
    ['beside a granted one', () => query(`{ ${run(ids.rA)} x: ${run(ids.rB)} }`)],
    ['in a fragment', () => query(`query { ...F } fragment F on Query { ${run(ids.rB)} }`)],
    [
      'in a variable',
      () =>
        query('query Q($d: MlflowGetRunInput!) { mlflowGetRun(input: $d) { run { info { runId } } } }', {
          d: { runId: ids.rB },
        }),
    ],
    [
      'as a default value',
      () =>
        query(
          `query Q($d: MlflowGetRunInput = {runId: "${ids.rB}"}) { mlflowGetRun(input: $d) { run { info { runId } } } }`,
        ),
    ],
    [
      'in the second operation',
      () => query(`query One { ${run(ids.rA)} } query Two { ${run(ids.rB)} }`, undefined, 'Two'),
    ],
    [
      'by the older name',
      () => query(`{ mlflowGetRun(input: {runUuid: "${ids.rB}"}) { run { info { runId } } } }`),
    ],
    ['as artifacts', () => query(`{ mlflowListArtifacts(input: {runId: "${ids.rB}"}) { files { path } } }`)],
    [
      'as figures',
      () =>
        query(
          `{ mlflowGetMetricHistoryBulkInterval(input: {runIds: ["${ids.rA}", "${ids.rB}"], metricKey: "x"}) { metrics { key } } }`,
        ),
    ],
    [
      'as an experiment of a mutation',
      () =>
        query(
          `mutation { mlflowSearchRuns(input: {experimentIds: ["${ids.B}"]}) { runs { info { runId } } } }`,
        ),
    ],
    [
      'as an experiment of a search',
      () =>
        query(
          `{ mlflowSearchRuns(input: {experimentIds: ["${ids.A}", "${ids.B}"]}) { runs { info { runId } } } }`,
        ),
    ],
  ])('refuses a query that names something foreign %s', async (_, ask) => {
    expect(await ask()).toMatchObject({ status: 403, body: { error_code: 'PERMISSION_DENIED' } });
    expect(system.forwarded()).toEqual([]);
  });

  it.each([
    ['a body on GET', () => send({ query: `{ ${run(ids.rB)} }` }, { method: 'GET' })],
    [
      'a query in the address',
      () =>
        send(undefined, {
          method: 'GET',
          path: `/graphql?query={${run(ids.rB).replace(/ /g, '%20').replace(/"/g, '%22')}}`,
        }),
    ],
    [
      'two members "query"',
      () => send(`{"query":"{ ${run(ids.rA).replace(/"/g, '\\"')} }","query":"{ __typename }"}`),
    ],
    ['a list of queries', () => send([{ query: `{ ${run(ids.rB)} }` }])],
    ['an unknown root field', () => query('{ mlflowGetEverything { id } }')],
    [
      'versions whose names cannot be read',
      () => query(`{ mlflowGetRun(input: {runId: "${ids.rA}"}) { run { modelVersions { n: name } } } }`),
    ],
  ])('refuses %s', async (_, ask) => {
    expect(await ask()).toMatchObject({ status: 400, body: { error_code: 'BAD_REQUEST' } });
    expect(system.forwarded()).toEqual([]);
  });

  it('leaves foreign model versions out of a run', async () => {
    const text = `{ mlflowGetRun(input: {runId: "${ids.rA}"}) { run { info { runId } modelVersions { name version } } } }`;
    const open = await system.ask(FULL, { method: 'POST', path: '/graphql', body: { query: text } });
    expect(open.text).toContain(names.mB);
    const reply = await query(text);
    expect(reply.body).toEqual({
      data: {
        mlflowGetRun: { run: { info: { runId: ids.rA }, modelVersions: [{ name: names.mA, version: '1' }] } },
      },
      errors: null,
    });
  });

  it('finds no foreign model versions in a search', async () => {
    const search = (name: string): Promise<Reply> =>
      query(`{ mlflowSearchModelVersions(input: {filter: "name = '${name}'"}) { modelVersions { name } } }`);
    expect((await search(names.mA)).body).toMatchObject({
      data: { mlflowSearchModelVersions: { modelVersions: [{ name: names.mA }] } },
    });
    expect((await search(names.mB)).body).toMatchObject({
      data: { mlflowSearchModelVersions: { modelVersions: [] } },
    });
  });
});
