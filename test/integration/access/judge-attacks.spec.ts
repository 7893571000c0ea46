import {
  itRefuses,
  KEY,
  MANAGER,
  post,
  refused,
  startAttackedSystem,
  V3,
  type AttackedSystem,
  type AttackRow,
  type GrantedThings,
} from '../../support/mlflow/granted-things.js';
import type { Asked } from '../../support/systems/grant-system.js';
import { sharedMlflow } from '../../support/mlflow/mlflow-server.js';

const AJAX = '/ajax-api/3.0/mlflow';

/** A judge as MLflow's client writes it down. */
const judge = (data: object, name = 's'): string =>
  JSON.stringify({
    name,
    instructions_judge_pydantic_data: { instructions: '{{ inputs }}', model: 'openai:/gpt-5', ...data },
  });
const remembering = (trace: string, name = 's'): string =>
  JSON.stringify({
    name,
    memory_augmented_judge_data: {
      base_judge: JSON.parse(judge({})) as object,
      episodic_trace_ids: [trace],
      semantic_memory: [],
    },
  });
const both = (...names: string[]): string =>
  JSON.stringify({
    name: 'both',
    ensemble_scorer_data: {
      ensemble_fn: 'all',
      scorers: names.map((name) => JSON.parse(judge({ model: `gateway:/${name}` })) as object),
    },
  });
const register = (experiment_id: string, serialized_scorer: string, name = 's'): Asked =>
  post(`${V3}/scorers/register`, { experiment_id, name, serialized_scorer });
const invoke = ({ A, tA }: GrantedThings, more: object): Asked =>
  post(`${AJAX}/scorer/invoke`, { experiment_id: A, trace_ids: [tA], ...more });
const evaluate = ({ A, tA }: GrantedThings, texts: string[], more: object = {}): Asked =>
  post(`${AJAX}/genai/evaluate/invoke`, {
    experiment_id: A,
    trace_ids: [tA],
    serialized_scorers: texts,
    ...more,
  });
const optimize = ({ A, pA }: GrantedThings, config: object): Asked =>
  post(`${V3}/prompt-optimization/jobs`, {
    experiment_id: A,
    source_prompt_uri: `prompts:/${pA}/1`,
    config,
  });

const ROWS: readonly AttackRow[] = [
  ['an ensemble with one foreign endpoint', ({ A }) => register(A, both('gpt-4', 'other'))],
  ['a judge that reads a foreign trace as an example', ({ A, tB }) => register(A, remembering(tB))],
  ['… when it is run', (things) => invoke(things, { serialized_scorer: remembering(things.tB) })],
  ['… when it evaluates', (things) => evaluate(things, [judge({}), remembering(things.tB)])],
  ...[
    { inference_params: { temperature: 0, model: 'other' } },
    { inference_params: { api_base: 'https://public.example.com' } },
    { inference_params: { extra_body: { model: 'other' } } },
    { inference_params: { extra_headers: { 'x-mlflow-workspace': 'other' } } },
    { extra_headers: { authorization: 'Bearer x' } },
    { base_url: 'https://public.example.com' },
  ].flatMap((data): AttackRow[] => [
    [`a judge with ${JSON.stringify(data)}`, ({ A }) => register(A, judge(data))],
    [`… when it is run`, (things) => invoke(things, { serialized_scorer: judge(data) })],
  ]),
  [
    'an optimizer with the address of a server',
    (things) =>
      optimize(things, {
        optimizer_config_json: JSON.stringify({ lm_kwargs: { api_base: 'https://public.example.com' } }),
      }),
    MANAGER,
  ],
  [
    'an optimizer with a folder on the host of MLflow',
    (things) =>
      optimize(things, { optimizer_config_json: JSON.stringify({ gepa_kwargs: { run_dir: '/tmp/x' } }) }),
    MANAGER,
  ],
  [
    'a judge with a member twice',
    ({ A }) => register(A, '{"model":"gateway:/gpt-4","model":"gateway:/other"}'),
    KEY,
    400,
  ],
];

describe('judges and optimizers that MLflow runs by itself, of keys with grants', () => {
  let system: AttackedSystem;

  beforeAll(async () => {
    system = await startAttackedSystem((await sharedMlflow()).url);
  });
  afterAll(() => system?.close());

  itRefuses(ROWS, () => system);

  it('a judge of somebody else is run by no call where it touches what is not granted', async () => {
    const { things } = system;
    const { A, tB } = things;
    const add = async (text: string, name: string): Promise<void> => {
      await system.full('POST', `${V3}/scorers/register`, {
        experiment_id: A,
        name,
        serialized_scorer: text,
      });
    };
    await add(remembering(tB, 'reads'), 'reads');
    await add(both('gpt-4', 'other'), 'calls');
    for (const name of ['reads', 'calls']) {
      const named = { scorer_name: name, scorer_version: 1, serialized_scorer: judge({}) };
      const calls: [Asked, key?: string][] = [
        [invoke(things, named)],
        [evaluate(things, [judge({}, 'x'), judge({}, name)], { scorer_versions: [null, 1] })],
        [optimize(things, { scorers: ['Safety', name] }), MANAGER],
        [
          {
            method: 'PUT',
            path: `${V3}/scorers/online-config`,
            body: { experiment_id: A, name, sample_rate: 0.5 },
          },
        ],
      ];
      for (const [asked, key = KEY] of calls) await refused(system, [name, key, () => asked, 403]);
    }
  });

  it('a judge passes with parameters that say how a model answers, and with traces that are granted', async () => {
    const { A, tA } = system.things;
    const harmless = {
      inference_params: { temperature: 0.1, max_tokens: 100, stop: ['x'], logit_bias: { 5: 1 } },
      feedback_value_type: { type: 'object', properties: { url: { type: 'string' } } },
      extra_headers: null,
    };
    expect((await system.ask(KEY, register(A, judge(harmless), 'harmless'))).status).toBe(200);
    expect((await system.ask(KEY, register(A, remembering(tA), 'remembering'))).status).toBe(200);
    const off = { experiment_id: A, name: 'harmless', sample_rate: 0 };
    const path = `${V3}/scorers/online-config`;
    expect((await system.ask(KEY, { method: 'PUT', path, body: off })).status).toBe(200);
  });
});
