import { gzipSync } from 'node:zlib';
import { sharedMlflow } from '../../support/mlflow/mlflow-server.js';
import {
  get,
  KEY,
  post,
  refused,
  startAttackedSystem,
  V2,
  type Attack,
  type AttackedSystem,
} from '../../support/mlflow/granted-things.js';

const tag = { key: 'k', value: 'v' };
const json = (body: object): Buffer => Buffer.from(JSON.stringify(body));

/** By the numbers of the table of attacks in the design of grants. */
const ATTACKS: readonly Attack[] = [
  [
    '1: one member in two spellings',
    KEY,
    ({ A, B }) => post('runs/create', { experiment_id: A, experimentId: B }),
    400,
  ],
  ['1: … camel first', KEY, ({ A, B }) => post('runs/create', { experimentId: A, experiment_id: B }), 400],
  [
    '3: a member twice',
    KEY,
    ({ rA, rB }) => post('runs/set-tag', `{"run_id":"${rA}","run_id":"${rB}","key":"k","value":"v"}`),
    400,
  ],
  [
    '3: … the second one escaped',
    KEY,
    ({ rA, rB }) => post('runs/set-tag', `{"run_id":"${rA}","\\u0072un_id":"${rB}","key":"k","value":"v"}`),
    400,
  ],
  [
    '4: run_id and run_uuid that differ',
    KEY,
    ({ rA, rB }) => post('runs/set-tag', { run_id: rA, run_uuid: rB, ...tag }),
    400,
  ],
  [
    '4: … one of them empty',
    KEY,
    ({ rB }) => post('runs/set-tag', { run_id: '', run_uuid: rB, ...tag }),
    400,
  ],
  ['4: run_uuid alone', KEY, ({ rB }) => post('runs/set-tag', { run_uuid: rB, ...tag }), 403],
  ['5: a parameter twice', KEY, ({ rA, rB }) => get(`runs/get?run_id=${rA}&run_id=${rB}`), 400],
  ['5: run_uuid in the query', KEY, ({ rB }) => get(`runs/get?run_uuid=${rB}`), 403],
  ['5: both, differing', KEY, ({ rA, rB }) => get(`runs/get?run_id=${rA}&run_uuid=${rB}`), 400],
  ['6: a GET without query and with a body', KEY, ({ rB }) => get('runs/get', { body: { run_id: rB } }), 400],
  ['6: … with an empty query', KEY, ({ rB }) => get('runs/get?&', { body: { run_id: rB } }), 400],
  [
    '6: … of another type',
    KEY,
    ({ rB }) => get('runs/get', { body: { run_id: rB }, headers: { 'content-type': 'text/plain' } }),
    400,
  ],
  [
    '7: HEAD with a body',
    KEY,
    ({ rA, rB }) => get(`runs/get?run_id=${rA}`, { method: 'HEAD', body: { run_id: rB } }),
    400,
  ],
  [
    '8: query A, body B',
    KEY,
    ({ A, B }) => post(`experiments/set-experiment-tag?experiment_id=${A}`, { experiment_id: B, ...tag }),
    403,
  ],
  [
    '8: … chunked',
    KEY,
    ({ A, B }) =>
      post(
        `experiments/set-experiment-tag?experiment_id=${A}`,
        { experiment_id: B, ...tag },
        { chunked: true },
      ),
    403,
  ],
  [
    '8: query B, body A',
    KEY,
    ({ A, B }) => post(`experiments/set-experiment-tag?experiment_id=${B}`, { experiment_id: A, ...tag }),
    400,
  ],
  [
    '9: JSON in a string of JSON',
    KEY,
    ({ rB }) => post('runs/set-tag', JSON.stringify(JSON.stringify({ run_id: rB, ...tag }))),
    400,
  ],
  [
    '9: UTF-16',
    KEY,
    ({ rB }) => post('runs/set-tag', Buffer.from(JSON.stringify({ run_id: rB, ...tag }), 'utf16le')),
    400,
  ],
  [
    '9: a byte order mark',
    KEY,
    ({ rB }) => post('runs/set-tag', `\ufeff${JSON.stringify({ run_id: rB, ...tag })}`),
    400,
  ],
  [
    '9: gzip',
    KEY,
    ({ rB }) =>
      post('runs/set-tag', gzipSync(json({ run_id: rB, ...tag })), {
        headers: { 'content-encoding': 'gzip' },
      }),
    400,
  ],
  [
    '9: plain JSON said to be gzip',
    KEY,
    ({ rB }) => post('runs/set-tag', { run_id: rB, ...tag }, { headers: { 'content-encoding': 'gzip' } }),
    400,
  ],
  [
    '9: text/plain',
    KEY,
    ({ rB }) => post('runs/set-tag', { run_id: rB, ...tag }, { headers: { 'content-type': 'text/plain' } }),
    400,
  ],
  [
    '9: two Content-Types',
    KEY,
    ({ rB }) =>
      post(
        'runs/set-tag',
        { run_id: rB, ...tag },
        { headers: { 'content-type': ['application/json', 'application/json'] } },
      ),
    400,
  ],
  ...[' 2', '02', '+2', '２', '2\n', '1e1'].map((id): Attack => [
    `10: experiment id ${JSON.stringify(id)}`,
    KEY,
    () => post('runs/create', { experiment_id: id }),
    400,
  ]),
  [
    '10: an experiment id that is a number',
    KEY,
    ({ A }) => post('runs/create', { experiment_id: Number(A) }),
    400,
  ],
  ['10: … in a query, padded', KEY, ({ A }) => get(`experiments/get?experiment_id=%20${A}`), 400],
  [
    '11: a member that cuts the message short',
    KEY,
    ({ A }) => post('runs/create', { tags: 5, experiment_id: A }),
    400,
  ],
  ['11: … deep inside', KEY, ({ A }) => post('runs/create', { tags: [{ key: 1 }], experiment_id: A }), 400],
  ['12: no experiment', KEY, () => post('runs/create', {}), 403],
  ['12: no body', KEY, () => ({ method: 'POST', path: `${V2}/runs/create` }), 403],
  ['12: an empty experiment', KEY, () => post('runs/create', { experiment_id: '' }), 403],
  ['12: null', KEY, () => post('runs/create', { experiment_id: null }), 403],
  ['12: experiment 0', KEY, () => post('runs/create', { experiment_id: '0' }), 403],
  ['12: experiment 0, read', KEY, () => get('experiments/get?experiment_id=0'), 403],
  [
    '63: a workspace that is not granted',
    KEY,
    ({ rA }) => get(`runs/get?run_id=${rA}`, { headers: { 'x-mlflow-workspace': 'other' } }),
    403,
  ],
  [
    '63: two workspaces',
    KEY,
    ({ rA }) => get(`runs/get?run_id=${rA}`, { headers: { 'x-mlflow-workspace': ['a', 'b'] } }),
    400,
  ],
  ['broken percent-encoding', KEY, ({ rA }) => get(`runs/get?run_id=${rA}&x=%zz`), 400],
  [
    'a deep body',
    KEY,
    ({ A }) => post('runs/create', `{"experiment_id":"${A}","x":${'['.repeat(900)}${']'.repeat(900)}}`),
    400,
  ],
  ['what follows the body', KEY, ({ A }) => post('runs/create', `{"experiment_id":"${A}"} {}`), 400],
  ['an unknown run in capitals', KEY, ({ rA }) => get(`runs/get?run_id=${rA.toUpperCase()}`), 403],
  ['a run id with a space', KEY, ({ rA }) => get(`runs/get?run_id=${rA}%20`), 403],
];

describe('requests that parsers read differently, by keys with grants', () => {
  let system: AttackedSystem;

  beforeAll(async () => {
    system = await startAttackedSystem((await sharedMlflow()).url);
  });
  afterAll(() => system?.close());

  it.each(ATTACKS)('%s is refused before MLflow sees it', async (...attack) => {
    if (attack[0].startsWith('7:')) {
      system.forwarded();
      expect((await system.ask(attack[1], attack[2](system.things))).status).toBe(attack[3]);
      expect(system.forwarded()).toEqual([]);
    } else await refused(system, attack);
  });

  it('7: HEAD is judged by its query', async () => {
    const { rA, rB } = system.things;
    const head = (id: string) => system.ask(KEY, get(`runs/get?run_id=${id}`, { method: 'HEAD' }));
    expect((await head(rB)).status).toBe(403);
    expect(system.forwarded()).toEqual([]);
    await head(rA);
    expect(system.forwarded()).toEqual([`HEAD ${V2}/runs/get?run_id=${rA}`]);
  });

  it('5: what the client sends passes: run_id and run_uuid that are equal', async () => {
    const { rA } = system.things;
    expect((await system.ask(KEY, get(`runs/get?run_id=${rA}&run_uuid=${rA}`))).status).toBe(200);
    expect((await system.ask(KEY, post('runs/set-tag', { run_id: rA, run_uuid: rA, ...tag }))).status).toBe(
      200,
    );
  });

  it('either spelling alone, chunks, quoted NaN and unknown members pass', async () => {
    const { A, rA } = system.things;
    const pass = async (asked: Parameters<AttackedSystem['ask']>[1]): Promise<void> => {
      const reply = await system.ask(KEY, asked);
      expect(reply.text).toEqual(expect.not.stringContaining('error_code'));
      expect(reply.status).toBe(200);
    };
    await pass(post('runs/create', { experimentId: A }));
    await pass(post('runs/set-tag', { run_id: rA, ...tag, tomorrow: { a: 1 } }, { chunked: true }));
    await pass(
      post(
        'runs/log-batch',
        `{"run_id":"${rA}","metrics":[{"key":"m","value":"NaN","timestamp":1,"step":"2"}]}`,
      ),
    );
    await pass(
      post(
        'runs/set-tag',
        { run_id: rA, ...tag },
        { headers: { 'content-type': 'application/json; charset=utf-8' } },
      ),
    );
  });

  it('names the reason in its text', async () => {
    const { A } = system.things;
    const reply = await system.ask(KEY, post('runs/create', { experiment_id: A, experimentId: A }));
    expect(reply.body['message']).toContain('the member "experiment_id" is there in two spellings');
  });
});
