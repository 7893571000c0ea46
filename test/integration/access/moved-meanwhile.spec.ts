import {
  FULL,
  get,
  post,
  randomHex,
  startAttackedSystem,
  startTrace,
  V2,
  V3,
  type AttackedSystem,
} from '../../support/mlflow/granted-things.js';
import type { Asked, Reply } from '../../support/systems/grant-system.js';
import { sharedMlflow } from '../../support/mlflow/mlflow-server.js';
import { otlpBody } from '../../support/mlflow/otlp-body.js';

const BY_ID = 'key-of-ids-0123456789abcdef';
const BY_NAME = 'key-of-names-0123456789abcdef';

/** Another client changes something after the gateway has decided and before MLflow reads it. */
describe('what another client moves while a request is on its way to MLflow', () => {
  let system: AttackedSystem;
  let prefix = '';
  let count = 0;

  beforeAll(async () => {
    system = await startAttackedSystem((await sharedMlflow()).url);
    prefix = system.things.prefix;
    const level = 'read';
    system.know(BY_ID, ['mlflow:read'], { experiments: [{ id: system.things.A, level }] });
    system.know(BY_NAME, ['mlflow:read'], {
      experiments: [{ name: `${prefix}-own-*`, level }],
      models: [{ name: `${prefix}-own-*`, level }],
    });
  });
  afterAll(() => system?.close());
  afterEach(() => system.relay.before(undefined));

  const name = (kind: string): string => `${prefix}-${kind}-${(count += 1)}`;
  const experiment = async (of: string): Promise<string> =>
    String((await system.full('POST', `${V2}/experiments/create`, { name: of }))['experiment_id']);
  const rename = (experiment_id: string, new_name: string): Promise<unknown> =>
    system.full('POST', `${V2}/experiments/update`, { experiment_id, new_name });
  const move = (trace: string, to: string): Promise<unknown> =>
    system.full('POST', `${V3}/traces`, startTrace(trace, to));

  const span = async (of: string): Promise<string> => {
    const traceId = randomHex();
    const headers = { 'content-type': 'application/x-protobuf', 'x-mlflow-experiment-id': of };
    const reply = await system.ask(FULL, { ...post('/v1/traces', otlpBody({ traceId })), headers });
    expect(reply.status).toBe(200);
    return `tr-${traceId}`;
  };

  /** Asks, and makes the change when the client's request has passed the gateway. */
  async function meanwhile(key: string, asked: Asked, change: () => Promise<unknown>): Promise<Reply> {
    let changed = false;
    system.relay.before(async ({ headers }) => {
      if (changed || headers.via === undefined) return;
      changed = true;
      await change();
    });
    const reply = await system.ask(key, asked);
    expect(changed).toBe(true);
    return reply;
  }
  /** The same words as if it had been so before. */
  const refused = (reply: Reply, place: string): void =>
    expect({ status: reply.status, body: reply.body }).toMatchObject({
      status: 403,
      body: { error_code: 'PERMISSION_DENIED', message: expect.stringContaining(`(${place})`) as unknown },
    });

  it('is no experiment of a granted id that is read by a name which another one has by then', async () => {
    const [own, next] = [name('x'), name('x')];
    const other = await experiment(next);
    await rename(system.things.A, own);
    const reply = await meanwhile(BY_ID, get(`experiments/get-by-name?experiment_name=${own}`), async () => {
      await rename(system.things.A, name('x'));
      await rename(other, own);
    });
    refused(reply, 'query experiment_name');
    expect(reply.text).not.toContain(`"${other}"`);
  });

  it('is no experiment that is read by its id and has left the pattern', async () => {
    const id = await experiment(name('own'));
    const secret = name('secret');
    const reply = await meanwhile(BY_NAME, get(`experiments/get?experiment_id=${id}`), () =>
      rename(id, secret),
    );
    refused(reply, 'query experiment_id');
    expect(reply.text).not.toContain(secret);
  });

  it('is no experiment in a search by pattern: it is left out, and the others and the token stay', async () => {
    const pattern = name('own');
    const names = [0, 1, 2].map((n) => `${pattern}-${n}`);
    const ids = await Promise.all(names.map(experiment));
    const secret = name('secret');
    const body = { max_results: 2, filter: `name LIKE '%${prefix}%'`, order_by: ['name ASC'] };
    const key = 'key-of-a-pattern-0123456789abcdef';
    system.know(key, ['mlflow:read'], { experiments: [{ name: `${pattern}-*`, level: 'read' }] });
    const first = await meanwhile(key, post('experiments/search', body), () =>
      rename(ids[0] as string, secret),
    );
    const seen = (reply: Reply): unknown[] =>
      ((reply.body['experiments'] ?? []) as { name: string }[]).map((row) => row.name);
    expect([first.status, seen(first)]).toEqual([200, expect.not.arrayContaining([secret])]);
    const page_token = first.body['next_page_token'];
    const second = await system.ask(key, post('experiments/search', { ...body, page_token }));
    expect([...seen(first), ...seen(second)].sort()).toEqual(names.slice(1));
  });

  it('is no model that has become a prompt: neither read by its name, nor in a search', async () => {
    const [own, other] = [name('own'), name('own')];
    const create = (of: string, isPrompt = false): Promise<unknown> =>
      system.full('POST', `${V2}/registered-models/create`, {
        name: of,
        tags: isPrompt ? [{ key: 'mlflow.prompt.is_prompt', value: 'true' }] : [],
      });
    const replace = async (of: string): Promise<void> => {
      await system.full('DELETE', `${V2}/registered-models/delete`, { name: of });
      await create(of, true);
    };
    await create(own);
    await create(other);
    const one = await meanwhile(BY_NAME, get(`registered-models/get?name=${own}`), () => replace(own));
    refused(one, 'query name');
    const list = await meanwhile(BY_NAME, get(`registered-models/search?max_results=100`), () =>
      replace(other),
    );
    expect(list.status).toBe(200);
    expect(list.text).not.toContain(`"${other}"`);
  });

  it.each([
    ['its information', (id: string) => get(`${V3}/traces/${id}`), 'path trace_id'],
    ['its information in the older form', (id: string) => get(`traces/${id}/info`), 'path request_id'],
    [
      'all of it',
      (id: string) => get(`${V3}/traces/get?trace_id=${id}&allow_partial=true`),
      'query trace_id',
    ],
    [
      'a file of it',
      (id: string) => get(`/ajax-api/3.0/mlflow/get-trace-artifact?request_id=${id}`),
      'query request_id',
    ],
  ])('is no trace: %s', async (_what, asked, place) => {
    const { A, B } = system.things;
    const id = await span(A);
    const before = await system.ask(BY_ID, asked(id));
    expect(before.status).toBe(200);
    refused(await meanwhile(BY_ID, asked(id), () => move(id, B)), place);
  });

  it('is no assessment of a trace', async () => {
    const { A, B } = system.things;
    const id = await system.trace(A);
    const assessments = `${V3}/traces/${id}/assessments`;
    const made = await system.full('POST', assessments, {
      assessment: {
        ...{ assessment_name: 'good', trace_id: id, feedback: { value: 'secret' } },
        source: { source_type: 'HUMAN', source_id: 'x' },
      },
    });
    const { assessment_id: assessment } = made['assessment'] as { assessment_id: string };
    const asked = get(`${assessments}/${assessment}`);
    expect((await system.ask(BY_ID, asked)).status).toBe(200);
    refused(await meanwhile(BY_ID, asked, () => move(id, B)), 'path trace_id');
  });

  it.each([
    ['batchGet', 'traces'],
    ['batchGetInfos', 'trace_infos'],
  ])('is no trace of several that are asked for at once by %s: it is left out', async (call, member) => {
    const { A, B } = system.things;
    const [stays, moves] = [await span(A), await span(A)];
    const asked =
      call === 'batchGet'
        ? get(`${V3}/traces/batchGet?trace_ids=${stays}&trace_ids=${moves}`)
        : post(`${V3}/traces/batchGetInfos`, { trace_ids: [stays, moves] });
    const reply = await meanwhile(BY_ID, asked, () => move(moves, B));
    expect([reply.status, (reply.body[member] as unknown[]).length]).toEqual([200, 1]);
    expect(reply.text).not.toContain(moves);
  });

  it.each(['', '/records', '/experiment-ids'])(
    'is no data set that has left the experiment: %s',
    async (below) => {
      const { A, B } = system.things;
      const made = await system.full('POST', `${V3}/datasets/create`, {
        name: name('d'),
        experiment_ids: [A, B],
      });
      const { dataset_id: id } = made['dataset'] as { dataset_id: string };
      const asked = get(`${V3}/datasets/${id}${below}`);
      expect((await system.ask(BY_ID, asked)).status).toBe(200);
      const leave = (): Promise<unknown> =>
        system.full('POST', `${V3}/datasets/${id}/remove-experiments`, { experiment_ids: [A] });
      refused(await meanwhile(BY_ID, asked, leave), 'path dataset_id');
    },
  );
});
