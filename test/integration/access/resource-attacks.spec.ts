import { sharedMlflow } from '../../support/mlflow/mlflow-server.js';
import {
  get,
  infoOf,
  KEY,
  MANAGER,
  post,
  randomHex,
  refused,
  READER,
  itRefuses,
  send,
  startAttackedSystem,
  startTrace,
  V3,
  type AttackedSystem,
  type AttackRow,
} from '../../support/mlflow/granted-things.js';
import type { Asked } from '../../support/systems/grant-system.js';

const tag = { key: 'k', value: 'v' };
const TIME = '2026-01-01T00:00:00Z';
const metric = { key: 'm', value: 1, timestamp: 1, step: 0 };
const thousand = (lB: string): object[] => [
  ...Array.from({ length: 999 }, () => metric),
  { ...metric, model_id: lB },
];
const assessment = (trace_id: string): object => ({
  assessment: {
    assessment_name: 'a',
    trace_id,
    source: { source_type: 'HUMAN', source_id: 'x' },
    feedback: { value: 1 },
  },
});

/** The number is that of the attack in the design of grants. */
const ROWS: readonly AttackRow[] = [
  [
    '24: history of several runs, one foreign',
    ({ rA, rB }) =>
      get(`/ajax-api/2.0/mlflow/metrics/get-history-bulk?run_id=${rA}&run_id=${rB}&metric_key=m`),
  ],
  [
    '24: … in intervals',
    ({ rA, rB }) => get(`metrics/get-history-bulk-interval?run_ids=${rA}&run_ids=${rB}&metric_key=m`),
  ],
  [
    '24: … under the other tree',
    ({ rA, rB }) =>
      get(`/ajax-api/2.0/mlflow/metrics/get-history-bulk-interval?run_ids=${rA}&run_ids=${rB}&metric_key=m`),
  ],
  ['38: theft of a trace', ({ A, tB }) => post(`${V3}/traces`, startTrace(tB, A))],
  ['38: … under the older call', ({ A, tB }) => post('traces', startTrace(tB, A))],
  ['38: a trace for B', ({ B }) => post(`${V3}/traces`, startTrace(`tr-${randomHex()}`, B))],
  [
    '38: a trace with two locations',
    ({ A, tB }) => post(`${V3}/traces`, startTrace(tB, A, { traceLocation: {} })),
    KEY,
    400,
  ],
  [
    '40: an assessment by the path of tB',
    ({ tA, tB }) => post(`${V3}/traces/${tB}/assessments`, assessment(tA)),
    KEY,
    400,
  ],
  ['40: … of tB throughout', ({ tB }) => post(`${V3}/traces/${tB}/assessments`, assessment(tB))],
  [
    '40: … by the path of tA with a body of tB',
    ({ tA, tB }) => post(`${V3}/traces/${tA}/assessments`, assessment(tB)),
    KEY,
    400,
  ],
  [
    '41: tB linked to rA',
    ({ rA, tA, tB }) => post('traces/link-to-run', { run_id: rA, trace_ids: [tA, tB] }),
  ],
  [
    '41: a foreign prompt linked to tA',
    ({ tA, pB }) =>
      post('traces/link-prompts', { trace_id: tA, prompt_versions: [{ name: pB, version: '1' }] }),
  ],
  [
    '42: traces of A deleted by a reader',
    ({ A, tA }) => post(`${V3}/traces/delete-traces`, { experiment_id: A, request_ids: [tA] }),
    READER,
  ],
  [
    '43: log-metric with a foreign model',
    ({ rA, lB }) => post('runs/log-metric', { run_id: rA, ...metric, model_id: lB }),
  ],
  [
    '43: … in the other spelling',
    ({ rA, lB }) => post('runs/log-metric', { run_id: rA, ...metric, modelId: lB }),
  ],
  [
    '43: log-batch with one among 1,000',
    ({ rA, lB }) => post('runs/log-batch', { run_id: rA, metrics: thousand(lB) }),
  ],
  [
    '43: log-batch with a foreign run inside',
    ({ rA, rB }) => post('runs/log-batch', { run_id: rA, metrics: [{ ...metric, runId: rB }] }),
  ],
  ['43: log-inputs', ({ rA, lB }) => post('runs/log-inputs', { run_id: rA, models: [{ model_id: lB }] })],
  ['43: outputs', ({ rA, lB }) => post('runs/outputs', { run_id: rA, models: [{ model_id: lB, step: 0 }] })],
  [
    '44: a logged model of a foreign run',
    ({ A, rB }) => post('logged-models', { experiment_id: A, name: 'm', source_run_id: rB }),
  ],
  ['44: a logged model in B', ({ B }) => post('logged-models', { experiment_id: B, name: 'm' })],
  ['44: a foreign logged model read', ({ lB }) => get(`logged-models/${lB}`)],
  [
    '49: an experiment made by an id grant',
    () => post('experiments/create', { name: `team-a/x-${randomHex()}` }),
  ],
  ['50: A renamed', ({ A }) => post('experiments/update', { experiment_id: A, new_name: 'other/x' })],
  [
    '50: … by the highest level of its id',
    ({ A }) => post('experiments/update', { experiment_id: A, new_name: 'other/x' }),
    MANAGER,
  ],
  [
    '50: B renamed',
    ({ B, prefix }) => post('experiments/update', { experiment_id: B, new_name: `${prefix}-a` }),
    MANAGER,
  ],
  [
    '50: a model renamed to a foreign name',
    ({ mA, prefix }) => post('registered-models/rename', { name: mA, new_name: `${prefix}-b-y` }),
    MANAGER,
  ],
  [
    '50: … and a foreign one to a granted name',
    ({ mB, prefix }) => post('registered-models/rename', { name: mB, new_name: `${prefix}-a-y` }),
    MANAGER,
  ],
  [
    '50: … by a writer',
    ({ mA, prefix }) => post('registered-models/rename', { name: mA, new_name: `${prefix}-a-y` }),
  ],
  [
    '50: … with the new name twice',
    ({ mA, prefix }) =>
      post('registered-models/rename', { name: mA, new_name: `${prefix}-a-y`, newName: `${prefix}-b-y` }),
    MANAGER,
    400,
  ],
  ['51: A deleted by a writer', ({ A }) => post('experiments/delete', { experiment_id: A })],
  ['51: A restored by a writer', ({ A }) => post('experiments/restore', { experiment_id: A })],
  ['51: B restored', ({ B }) => post('experiments/restore', { experiment_id: B }), MANAGER],
  ['51: rB deleted', ({ rB }) => post('runs/delete', { run_id: rB }), MANAGER],
  ['51: rB restored', ({ rB }) => post('runs/restore', { run_id: rB }), MANAGER],
];

describe('things of others, asked for by keys with grants', () => {
  let system: AttackedSystem;

  beforeAll(async () => {
    system = await startAttackedSystem((await sharedMlflow()).url);
  });
  afterAll(() => system?.close());

  itRefuses(ROWS, () => system);

  it('38: a new trace of one’s own is written, and then changed', async () => {
    const { A } = system.things;
    const id = `tr-${randomHex()}`;
    expect((await system.ask(KEY, post(`${V3}/traces`, startTrace(id, A)))).status).toBe(200);
    expect((await system.ask(KEY, get(`${V3}/traces/${id}`))).status).toBe(200);
    expect((await system.ask(KEY, post(`${V3}/traces`, startTrace(id, A)))).status).toBe(200);
    expect((await system.ask(KEY, send('PATCH', `${V3}/traces/${id}/tags`, tag))).status).toBe(200);
  });

  it('38: a trace that was moved away meanwhile is not written from memory', async () => {
    const { A, B } = system.things;
    const id = await system.trace(A);
    expect((await system.ask(KEY, get(`${V3}/traces/${id}`))).status).toBe(200);
    await system.trace(B, id);
    expect((await system.ask(KEY, post(`${V3}/traces`, startTrace(id, A)))).status).toBe(403);
    expect((await system.ask(KEY, get(`${V3}/traces/${id}`))).status).toBe(403);
  });

  it('38: a trace is not begun or changed with an assessment of another trace, nor with one that overrides it', async () => {
    const { A, tA, tB } = system.things;
    const made = await system.full('POST', `${V3}/traces/${tB}/assessments`, assessment(tB));
    const { assessment_id: id } = made['assessment'] as { assessment_id: string };
    const given = {
      ...(assessment(tA) as { assessment: object }).assessment,
      trace_id: undefined,
      create_time: TIME,
      last_update_time: TIME,
    };
    for (const names of [
      { assessment_id: id },
      { overrides: id },
      { assessment_id: `a-${randomHex()}` },
      { assessment_id: '../x' },
    ])
      for (const trace of [tA, `tr-${randomHex()}`, ''])
        await refused(system, [
          '38',
          KEY,
          () => post(`${V3}/traces`, startTrace(trace, A, { assessments: [{ ...given, ...names }] })),
          403,
        ]);
    expect(await system.full('GET', `${V3}/traces/${tB}/assessments/${id}`)).toMatchObject({
      assessment: { trace_id: tB, valid: true },
    });
  });

  it('38: a trace is sent again with its own assessments, and with new ones', async () => {
    const { A, tA } = system.things;
    const made = await system.full('POST', `${V3}/traces/${tA}/assessments`, assessment(tA));
    const own = (made as { assessment: object }).assessment;
    const { assessment: more } = assessment(tA) as { assessment: object };
    const again = { ...more, create_time: TIME, last_update_time: TIME };
    const asked = post(`${V3}/traces`, startTrace(tA, A, { assessments: [own, again] }));
    expect((await system.ask(KEY, asked)).status).toBe(200);
  });

  it('an assessment counts for no issue of another experiment', async () => {
    const { A, B, tA } = system.things;
    const issueOf = async (experiment_id: string): Promise<string> => {
      const body = { experiment_id, name: 'i', description: 'd', status: 'pending' };
      const made = await system.full('POST', `${V3}/issues`, body);
      return (made['issue'] as { issue_id: string }).issue_id;
    };
    const [own, foreign] = [await issueOf(A), await issueOf(B)];
    const of = (assessment_name: string): object => ({
      assessment_name,
      source: { source_type: 'HUMAN', source_id: 'x' },
      issue: { issue_name: 'i' },
    });
    const asked = (name: string): Asked =>
      post(`${V3}/traces/${tA}/assessments`, { assessment: { ...of(name), trace_id: tA } });
    await refused(system, ['issue', KEY, () => asked(foreign), 403]);
    const again = startTrace(tA, A, { assessments: [of(foreign)] });
    await refused(system, ['issue', KEY, () => post(`${V3}/traces`, again), 403]);
    expect((await system.ask(KEY, asked(own))).status).toBe(200);
  });

  it('42: delete-traces in A with tB deletes nothing', async () => {
    const { A, tB } = system.things;
    const reply = await system.ask(
      MANAGER,
      post(`${V3}/traces/delete-traces`, { experiment_id: A, request_ids: [tB] }),
    );
    expect(reply.body).not.toMatchObject({ traces_deleted: 1 });
    await system.full('GET', `${V3}/traces/${tB}`);
  });

  it('what is granted passes by every one of these doors', async () => {
    const { A, rA, lA, tA, dA, mA, pA, prefix } = system.things;
    const pass = async (key: string, asked: Asked): Promise<Record<string, unknown>> => {
      const reply = await system.ask(key, asked);
      expect({ path: asked.path, status: reply.status, text: reply.text }).toMatchObject({ status: 200 });
      return reply.body;
    };
    await pass(KEY, post('runs/log-batch', { run_id: rA, metrics: [{ ...metric, model_id: lA }] }));
    await pass(KEY, post('runs/log-inputs', { run_id: rA, models: [{ model_id: lA }] }));
    await pass(KEY, get(`metrics/get-history-bulk-interval?run_ids=${rA}&metric_key=m`));
    await pass(KEY, post('traces/link-to-run', { run_id: rA, trace_ids: [tA] }));
    await pass(KEY, post(`${V3}/traces/${tA}/assessments`, assessment(tA)));
    await pass(KEY, get(`${V3}/datasets/${dA}`));
    await pass(KEY, get(`registered-models/get?name=${pA}`));
    await pass(KEY, post('registered-models/set-tag', { name: mA, ...tag }));
    await pass(KEY, post('registered-models/create', { name: `${prefix}-a-new` }));
    await pass(
      MANAGER,
      post('registered-models/rename', { name: `${prefix}-a-new`, new_name: `${prefix}-a-newer` }),
    );
    const made = await pass(KEY, post('logged-models', { experiment_id: A, name: 'm', source_run_id: rA }));
    await pass(KEY, get(`logged-models/${String(infoOf(made, 'model')['model_id'])}`));
  });
});
