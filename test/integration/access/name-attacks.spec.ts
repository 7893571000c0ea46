import { sharedMlflow } from '../../support/mlflow/mlflow-server.js';
import {
  get,
  KEY,
  MANAGER,
  post,
  randomHex,
  READER,
  itRefuses,
  send,
  startAttackedSystem,
  V2,
  V3,
  type AttackedSystem,
  type AttackRow,
} from '../../support/mlflow/granted-things.js';

const tag = { key: 'k', value: 'v' };

/** The number is that of the attack in the design of grants. */
const ROWS: readonly AttackRow[] = [
  [
    '53: an alias on a foreign model',
    ({ mB }) => post('registered-models/alias', { name: mB, alias: 'x', version: '1' }),
  ],
  [
    '53: … on a granted one by a reader',
    ({ mA }) => post('registered-models/alias', { name: mA, alias: 'x', version: '1' }),
    READER,
  ],
  [
    '53: version 01',
    ({ mA }) => post('registered-models/alias', { name: mA, alias: 'x', version: '01' }),
    KEY,
    400,
  ],
  [
    '54: a prompt under a grant of models',
    ({ prefix }) =>
      post('registered-models/create', {
        name: `${prefix}-a-p`,
        tags: [{ key: 'mlflow.prompt.is_prompt', value: 'true' }],
      }),
  ],
  ...[
    [
      { key: 'mlflow.prompt.is_prompt', value: 'true' },
      { key: 'mlflow.prompt.is_prompt', value: 'false' },
    ],
    [
      { key: 'mlflow.prompt.is_prompt', value: 'false' },
      { key: 'mlflow.prompt.is_prompt', value: 'true' },
    ],
    [{ key: 'MLFLOW.prompt.is_prompt ', value: 'true' }],
  ].map((tags): AttackRow => [
    `54: … with the tags ${JSON.stringify(tags)}`,
    ({ prefix }) => post('registered-models/create', { name: `${prefix}-a-p`, tags }),
  ]),
  [
    '54: a model under a grant of prompts',
    ({ pA }) =>
      post('registered-models/create', {
        name: pA,
        tags: ['true', 'false'].map((value) => ({ key: 'mlflow.prompt.is_prompt', value })),
      }),
    MANAGER,
  ],
  ...['mlflow.prompt.is_prompt', 'MLflow.Prompt.Is_Prompt'].map((key): AttackRow => [
    `54: a model turned into a prompt by ${key}`,
    ({ mA }) => post('registered-models/set-tag', { name: mA, key, value: 'true' }),
  ]),
  [
    '54: a model turned into a prompt',
    ({ mA }) =>
      post('registered-models/set-tag', { name: mA, key: 'mlflow.prompt.is_prompt', value: 'true' }),
  ],
  [
    '54: a prompt turned into a model',
    ({ pA }) =>
      send('DELETE', `${V2}/registered-models/delete-tag`, { name: pA, key: 'mlflow.prompt.is_prompt' }),
    MANAGER,
  ],
  [
    '54: a prompt written by a reader of it',
    ({ pA }) => post('registered-models/set-tag', { name: pA, ...tag }),
  ],
  ['54: a foreign model', ({ mB }) => get(`registered-models/get?name=${mB}`)],
  ['54: a foreign prompt', ({ pB }) => get(`registered-models/get?name=${pB}`)],
  ['54: another case', ({ mA }) => get(`registered-models/get?name=${mA.toUpperCase()}`)],
  ['55: records of a foreign data set', ({ dB }) => get(`${V3}/datasets/${dB}/records`)],
  ['55: records written', ({ dB }) => post(`${V3}/datasets/${dB}/records`, { records: '[]' })],
  [
    '55: a foreign data set linked to A',
    ({ dB, A }) => post(`${V3}/datasets/${dB}/add-experiments`, { experiment_ids: [A] }),
  ],
  [
    '55: the own one linked to B',
    ({ dA, B }) => post(`${V3}/datasets/${dA}/add-experiments`, { experiment_ids: [B] }),
  ],
  [
    '55: … and removed',
    ({ dB, B }) => post(`${V3}/datasets/${dB}/remove-experiments`, { experiment_ids: [B] }),
  ],
  [
    '56: a scorer in B',
    ({ B }) => post(`${V3}/scorers/register`, { experiment_id: B, name: 's', serialized_scorer: '{}' }),
  ],
  [
    '56: a scorer that calls a foreign endpoint',
    ({ A }) =>
      post(`${V3}/scorers/register`, {
        experiment_id: A,
        name: 's',
        serialized_scorer: '{"a":[{"model":"gateway:/other"}]}',
      }),
  ],
  [
    '56: a scorer run on tB',
    ({ A, tB }) =>
      post('/ajax-api/3.0/mlflow/scorer/invoke', {
        experiment_id: A,
        serialized_scorer: '{}',
        trace_ids: [tB],
      }),
  ],
  [
    '56: issues found in tB',
    ({ A, tB }) =>
      post('/ajax-api/3.0/mlflow/issues/invoke', {
        experiment_id: A,
        trace_ids: [tB],
        categories: [],
        provider: 'openai',
      }),
  ],
  [
    '56: … by a foreign endpoint',
    ({ A, tA }) =>
      post('/ajax-api/3.0/mlflow/issues/invoke', {
        experiment_id: A,
        trace_ids: [tA],
        categories: [],
        provider: 'x',
        endpoint_name: 'other',
      }),
  ],
  [
    '56: … with a secret',
    ({ A, tA }) =>
      post('/ajax-api/3.0/mlflow/issues/invoke', {
        experiment_id: A,
        trace_ids: [tA],
        categories: [],
        provider: 'x',
        endpoint_name: 'gpt-4',
        secret_id: 's',
      }),
  ],
  [
    '56: an evaluation of tB',
    ({ A, tA, tB }) =>
      post('/ajax-api/3.0/mlflow/genai/evaluate/invoke', {
        experiment_id: A,
        trace_ids: [tA, tB],
        serialized_scorers: ['{}'],
      }),
  ],
  [
    '56: … by a foreign endpoint',
    ({ A, tA }) =>
      post('/ajax-api/3.0/mlflow/genai/evaluate/invoke', {
        experiment_id: A,
        trace_ids: [tA],
        serialized_scorers: ['{}', '{"m":"gateway:/other"}'],
      }),
  ],
  ['57: a job that there is not', () => get(`${V3}/prompt-optimization/jobs/${randomHex()}`)],
  [
    '57: a job with a foreign data set',
    ({ A, dB, pA }) =>
      post(`${V3}/prompt-optimization/jobs`, {
        experiment_id: A,
        source_prompt_uri: `prompts:/${pA}/1`,
        config: { dataset_id: dB },
      }),
    MANAGER,
  ],
  [
    '57: a job with a foreign prompt',
    ({ A, pB }) =>
      post(`${V3}/prompt-optimization/jobs`, {
        experiment_id: A,
        source_prompt_uri: `prompts:/${pB}/1`,
        config: {},
      }),
    MANAGER,
  ],
  [
    '57: … with a foreign prompt by a text that is no plain one',
    ({ A, pA, pB }) =>
      post(`${V3}/prompt-optimization/jobs`, {
        experiment_id: A,
        source_prompt_uri: `prompts:/${pA}/../${pB}/1`,
        config: {},
      }),
    MANAGER,
  ],
  ['58: a job of any function', () => post('/ajax-api/3.0/jobs/', { function: 'x', params: {} }), MANAGER],
  ['58: webhooks', () => get('webhooks'), MANAGER],
  ['58: users', () => get('users/list'), MANAGER],
  ['58: roles', () => get(`${V3}/roles/list`), MANAGER],
  ['58: gateway secrets', () => post(`${V3}/gateway/secrets/create`, {}), MANAGER],
  ['58: guardrails', () => post(`${V3}/gateway/guardrails/create`, {}), MANAGER],
  [
    '58: endpoints, by a scope that is of all of MLflow',
    () => send('DELETE', `${V3}/gateway/endpoints/delete`, { endpoint_id: 'x' }),
    MANAGER,
  ],
  [
    '62: the model twice',
    () => post('/gateway/mlflow/v1/chat/completions', '{"model":"gpt-4","model":"other"}'),
    KEY,
    400,
  ],
  ['62: a foreign model', () => post('/gateway/mlflow/v1/chat/completions', { model: 'other' })],
  [
    '62: … as text/plain',
    () =>
      post(
        '/gateway/mlflow/v1/chat/completions',
        { model: 'other' },
        { headers: { 'content-type': 'text/plain' } },
      ),
  ],
  [
    '62: spans into a foreign trace',
    ({ tB }) =>
      post(
        '/gateway/mlflow/v1/chat/completions',
        { model: 'gpt-4' },
        { headers: { traceparent: `00-${tB.slice('tr-'.length)}-00f067aa0ba902b7-01` } },
      ),
  ],
  ['62: a foreign endpoint in the path', () => post('/gateway/other/mlflow/invocations', {})],
  ['62: … of Gemini', () => post('/gateway/gemini/v1beta/models/other:generateContent', {})],
  ['62: the raw proxy', () => post('/gateway/proxy/gpt-4/../other', {}), KEY, 400],
  ['62: … of a foreign endpoint', () => post('/gateway/proxy/other/v1/x', {})],
  [
    '62: the old proxy',
    () => post('/ajax-api/2.0/mlflow/gateway-proxy', { gateway_path: 'gateway/other/invocations' }),
  ],
];

describe('names, data sets, jobs and endpoints of others, asked for by keys with grants', () => {
  let system: AttackedSystem;

  beforeAll(async () => {
    system = await startAttackedSystem((await sharedMlflow()).url);
  });
  afterAll(() => system?.close());

  itRefuses(ROWS, () => system);

  it('49: names below a pattern are free to be asked for and to be made; others are not, in no other case either', async () => {
    const { prefix } = system.things;
    const glob = 'key-of-a-pattern-0123456789abcdef';
    system.know(glob, ['mlflow:manage'], { experiments: [{ name: `${prefix}/*`, level: 'manage' }] });
    const byName = (name: string) => system.ask(glob, get(`experiments/get-by-name?experiment_name=${name}`));
    expect(await byName(`${prefix}/new`)).toMatchObject({
      status: 404,
      body: { error_code: 'RESOURCE_DOES_NOT_EXIST' },
    });
    const made = await system.ask(glob, post('experiments/create', { name: `${prefix}/new` }));
    expect(made.status).toBe(200);
    expect((await byName(`${prefix}/new`)).status).toBe(200);
    const id = String(made.body['experiment_id']);
    expect((await system.ask(glob, post('runs/create', { experiment_id: id }))).status).toBe(200);
    const rename = (new_name: string) =>
      system.ask(glob, post('experiments/update', { experiment_id: id, new_name }));
    expect((await rename(`${prefix}-elsewhere`)).status).toBe(403);
    expect((await rename(`${prefix}/newer`)).status).toBe(200);
    expect((await byName(`${prefix}/newer`)).status).toBe(200);
    system.forwarded();
    for (const name of [`${prefix}-b`, `${prefix.toUpperCase()}/new`, `x${prefix}/new`]) {
      expect((await byName(name)).status).toBe(403);
      expect((await system.ask(glob, post('experiments/create', { name }))).status).toBe(403);
    }
    expect(system.forwarded()).toEqual([]);
  });

  it('52: a grant by name follows the name', async () => {
    const { mB, prefix } = system.things;
    const name = `${prefix}-a-renamed`;
    await system.full('POST', `${V2}/registered-models/rename`, { name: mB, new_name: name });
    expect((await system.ask(KEY, get(`registered-models/get?name=${name}`))).status).toBe(200);
    await system.full('POST', `${V2}/registered-models/rename`, { name, new_name: mB });
  });
});
