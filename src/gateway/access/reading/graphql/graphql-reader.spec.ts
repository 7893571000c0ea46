import { GraphqlFault } from './graphql-fault.js';
import { readGraphql } from './graphql-reader.js';

const A = 'a'.repeat(32);
const B = 'b'.repeat(32);
const GET_RUN =
  'query GetRun($data: MlflowGetRunInput!) { mlflowGetRun(input: $data) { run { info { runId } } } }';

function names(query: string, variables: unknown = null): string[] {
  return readGraphql({ query, variables } as never).named.map(({ kind, id }) => `${kind} ${id}`);
}

function fault(query: unknown, variables: unknown = null, operationName: unknown = null): string {
  try {
    readGraphql({ query, variables, operationName } as never);
  } catch (error) {
    if (error instanceof GraphqlFault) return error.message;
    throw error;
  }
  return 'none';
}

describe('what a query of GraphQL names', () => {
  it.each([
    ['a literal', `{ mlflowGetRun(input: {runId: "${A}"}) { run { info { runId } } } }`],
    ['a block string', `{ mlflowGetRun(input: {runId: """${A}"""}) { run { info { runId } } } }`],
    ['the other spelling', `{ mlflowGetRun(input: {runUuid: "${A}"}) { run { info { runId } } } }`],
    ['an alias', `{ x: mlflowGetRun(input: {runId: "${A}"}) { run { info { runId } } } }`],
    [
      'a fragment',
      `query { ...F } fragment F on Query { mlflowGetRun(input: {runId: "${A}"}) { run { info { runId } } } }`,
    ],
    [
      'an inline fragment',
      `{ ... on Query { mlflowGetRun(input: {runId: "${A}"}) { run { info { runId } } } } }`,
    ],
    [
      'a default value',
      `query Q($d: MlflowGetRunInput = {runId: "${A}"}) { mlflowGetRun(input: $d) { run { info { runId } } } }`,
    ],
    [
      'a field that its directive leaves out',
      `{ mlflowGetRun(input: {runId: "${A}"}) @skip(if: true) { run { info { runId } } } }`,
    ],
    [
      'a list of runs',
      `{ mlflowGetMetricHistoryBulkInterval(input: {runIds: ["${A}"]}) { metrics { key } } }`,
    ],
    ['one for a list', `{ mlflowGetMetricHistoryBulkInterval(input: {runIds: "${A}"}) { metrics { key } } }`],
  ])('is found as %s', (_, query) => {
    expect(names(query)).toEqual([`run ${A}`]);
  });

  it('is found in variables: whole, and as one member', () => {
    expect(names(GET_RUN, { data: { runId: A } })).toEqual([`run ${A}`]);
    const member = 'query Q($id: String) { mlflowGetRun(input: {runId: $id}) { run { info { runId } } } }';
    expect(names(member, { id: A })).toEqual([`run ${A}`]);
  });

  it.each([
    ['fields', (depth: number) => `{ ${'a { '.repeat(depth)} b ${'}'.repeat(depth)} }`],
    [
      'lists',
      (depth: number) =>
        `{ mlflowGetRun(input: {runId: ${'['.repeat(depth)}${']'.repeat(depth)}}) { run { info { runId } } } }`,
    ],
    ['fragments', (depth: number) => `{ ${'... { '.repeat(depth)} __typename ${'}'.repeat(depth)} }`],
  ])('is not looked for in %s that are nested too deeply', (_, query) => {
    for (const depth of [60, 3000]) expect(fault(query(depth))).toBe('is nested too deeply');
    expect(fault(query(20))).not.toBe('is nested too deeply');
  });

  it('is a sent variable, not its default', () => {
    const query = `query Q($id: String = "${A}") { mlflowGetRun(input: {runId: $id}) { run { info { runId } } } }`;
    expect(names(query, { id: B })).toEqual([`run ${B}`]);
    expect(names(query)).toEqual([`run ${A}`]);
  });

  it('is what any operation names, whichever is run', () => {
    const one = (id: string, name: string): string =>
      `query ${name} { mlflowGetRun(input: {runId: "${id}"}) { run { info { runId } } } }`;
    expect(names(`${one(A, 'One')} ${one(B, 'Two')}`)).toEqual([`run ${A}`, `run ${B}`]);
  });

  it('is found in mutations, which are searches', () => {
    expect(
      names('mutation { mlflowSearchRuns(input: {experimentIds: ["1", "2"]}) { runs { info { runId } } } }'),
    ).toEqual(['experiment 1', 'experiment 2']);
    expect(
      names('mutation { mlflowSearchDatasets(input: {experimentIds: "1"}) { datasetSummaries { name } } }'),
    ).toEqual(['experiment 1']);
  });

  it('is nothing in an introspection', () => {
    expect(names('{ __schema { types { name } } __type(name: "Query") { name } __typename }')).toEqual([]);
  });
});

describe('a query of GraphQL that could name something unseen', () => {
  it.each([
    ['has no text', 5],
    ['is an array of queries', [{ query: '{ __typename }' }]],
    ['cannot be parsed', '{ mlflowGetRun('],
    ['is a subscription', 'subscription { x }'],
    ['has an unknown root field', '{ mlflowGetEverything { id } }'],
    [
      'has a query field in a mutation',
      `mutation { mlflowGetRun(input: {runId: "${A}"}) { run { info { runId } } } }`,
    ],
    [
      'has an unknown member',
      `{ mlflowGetRun(input: {runId: "${A}", experimentId: "1"}) { run { info { runId } } } }`,
    ],
    ['has the snake spelling', `{ mlflowGetRun(input: {run_id: "${A}"}) { run { info { runId } } } }`],
    [
      'has a member twice',
      `{ mlflowGetRun(input: {runId: "${A}", runId: "${B}"}) { run { info { runId } } } }`,
    ],
    [
      'has two spellings that differ',
      `{ mlflowGetRun(input: {runId: "${A}", runUuid: "${B}"}) { run { info { runId } } } }`,
    ],
    ['has a number for an id', '{ mlflowGetExperiment(input: {experimentId: 1}) { experiment { name } } }'],
    ['has another argument', `{ mlflowGetRun(run: {runId: "${A}"}) { run { info { runId } } } }`],
    ['has no argument', '{ mlflowGetRun { run { info { runId } } } }'],
    ['names no run', '{ mlflowGetRun(input: {}) { run { info { runId } } } }'],
    ['uses an undefined variable', '{ mlflowGetRun(input: $x) { run { info { runId } } } }'],
    ['refers to no fragment', '{ ...F }'],
    [
      'has two fragments of one name',
      '{ ...F } fragment F on Query { __typename } fragment F on Query { test { output } }',
    ],
    ['extends the schema', 'extend type Query { x: String } query { __typename }'],
    ['is endless', `{ ${'__typename '.repeat(20_000)} }`],
  ])('is refused: it %s', (_, query) => {
    expect(fault(query)).not.toBe('none');
  });

  it('is refused with variables that are no object, or a name of its operation that is no text', () => {
    expect(fault(GET_RUN, [{ runId: A }])).not.toBe('none');
    expect(fault(GET_RUN, JSON.stringify({ data: { runId: A } }))).not.toBe('none');
    expect(fault('{ __typename }', null, 5)).not.toBe('none');
  });
});

describe('model versions below a run', () => {
  const run = (selection: string): string =>
    `{ mlflowGetRun(input: {runId: "${A}"}) { run { ${selection} } } } fragment N on MlflowModelVersion { name }`;
  const asks = (query: string): boolean => readGraphql({ query }).asksForModelVersions;

  it('are noticed, also with their names in a fragment', () => {
    expect(asks(run('modelVersions { name version }'))).toBe(true);
    expect(asks(run('modelVersions { version ...N }'))).toBe(true);
    expect(asks(run('info { runId }'))).toBe(false);
    expect(asks('{ mlflowSearchModelVersions(input: {filter: ""}) { modelVersions { name } } }')).toBe(true);
  });

  it.each([
    'modelVersions { version }',
    'modelVersions { n: name }',
    'modelVersions { name: source }',
    'modelVersions { name @skip(if: true) }',
    'v: modelVersions { name }',
    'modelVersions: info { name: runId }',
  ])('are refused where the answer could not be filtered: %s', (selection) => {
    expect(fault(run(selection))).not.toBe('none');
  });

  it('are refused where a token of their pages would count the hidden ones', () => {
    const query = (more: string, input = 'filter: ""'): string =>
      `{ mlflowSearchModelVersions(input: {${input}}) { modelVersions { name } ${more} } }`;
    expect(fault(query(''))).toBe('none');
    expect(fault(query('nextPageToken'))).not.toBe('none');
    expect(fault(query('x: nextPageToken'))).not.toBe('none');
    expect(fault(query('', 'pageToken: "x"'))).not.toBe('none');
  });
});
