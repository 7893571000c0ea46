import { startGrantSystem, type GrantSystem } from '../../support/systems/grant-system.js';
import {
  sendJson,
  startRecordingUpstream,
  type RecordingUpstream,
} from '../../support/servers/recording-upstream.js';

const KEY = 'key-of-team-a-0123456789abcdef';

/** Answers as MLflow 3.17 gives them, of things of experiments 1 and 2. */
const ANSWERS: Readonly<Record<string, object>> = {
  '/ajax-api/3.0/jobs/search': {
    jobs: [
      { job_id: 'a', job_name: 'x', params: { experiment_id: '1' }, last_update_time: 1700000000000 },
      { job_id: 'b', job_name: 'x', params: { experiment_id: '2' } },
      { job_id: 'c', job_name: 'x', params: { trace_ids: ['tr-1'] } },
    ],
  },
  '/ajax-api/3.0/jobs/a': { job_id: 'a', params: { experiment_id: '1' } },
  '/ajax-api/3.0/jobs/b': { job_id: 'b', params: { experiment_id: '2' } },
  '/ajax-api/3.0/jobs/c': { job_id: 'c', params: {} },
  '/ajax-api/3.0/mlflow/scorers/online-configs': {
    configs: [
      { scorer_id: 's1', sample_rate: 0.5, experiment_id: '1' },
      { scorer_id: 's2', sample_rate: 0.5, experiment_id: '2' },
    ],
  },
  '/api/3.0/mlflow/workspaces': { workspaces: [{ name: 'team-a' }, { name: 'team-b' }] },
  '/api/3.0/mlflow/gateway/endpoints/list': {
    endpoints: [
      { endpoint_id: 'e1', name: 'gpt-4' },
      { endpoint_id: 'e2', name: 'secret-4' },
    ],
  },
  '/ajax-api/2.0/mlflow/gateway-proxy': { endpoints: [{ name: 'gpt-4' }, { name: 'secret-4' }] },
  '/gateway/mlflow/v1/models': {
    object: 'list',
    data: [
      { id: 'gpt-4', object: 'model' },
      { id: 'secret-4', object: 'model' },
    ],
  },
};

describe('lists that MLflow gives in one answer', () => {
  let upstream: RecordingUpstream;
  let system: GrantSystem;

  beforeAll(async () => {
    upstream = await startRecordingUpstream(({ url }, response) => {
      const answer = ANSWERS[url.split('?')[0] as string];
      sendJson(response, answer ? 200 : 404, answer ?? { error_code: 'RESOURCE_DOES_NOT_EXIST' });
    });
    system = await startGrantSystem(upstream.url);
    system.know(KEY, ['mlflow:manage', 'gateway:invoke'], {
      experiments: [{ id: '1', level: 'manage' }],
      endpoints: [{ name: 'gpt-*', level: 'invoke' }],
      workspaces: ['team-a'],
    });
  });
  afterAll(async () => {
    await system?.close();
    await upstream?.close();
  });

  it.each([
    ['POST', '/ajax-api/3.0/jobs/search', 'jobs', 0],
    ['GET', '/ajax-api/3.0/mlflow/scorers/online-configs?scorer_ids=s1&scorer_ids=s2', 'configs', 0],
    ['GET', '/api/3.0/mlflow/workspaces', 'workspaces', 0],
    ['GET', '/api/3.0/mlflow/gateway/endpoints/list', 'endpoints', 0],
    ['GET', '/ajax-api/2.0/mlflow/gateway-proxy?gateway_path=api/2.0/endpoints/', 'endpoints', 0],
    ['GET', '/gateway/mlflow/v1/models', 'data', 0],
  ])(
    '%s %s shows the entries that are granted, and the rest of the answer',
    async (method, path, member, own) => {
      const reply = await system.ask(KEY, { method, path, ...(method === 'POST' && { body: {} }) });
      const whole = ANSWERS[path.split('?')[0] as string] as Record<string, unknown[]>;
      expect(reply.status).toBe(200);
      expect(reply.body).toEqual({ ...whole, [member]: [whole[member]?.[own]] });
      expect(reply.headers['content-length']).toBe(String(Buffer.byteLength(reply.text)));
    },
  );

  it('shows, cancels and finds no job of a foreign experiment, or of none', async () => {
    const job = (id: string, method = 'GET', path = id) =>
      system.ask(KEY, { method, path: `/ajax-api/3.0/jobs/${path}` });
    expect(await job('a')).toMatchObject({ status: 200, body: { job_id: 'a' } });
    system.forwarded();
    for (const id of ['b', 'c', 'd']) {
      expect((await job(id)).status).toBe(403);
      expect((await job(id, 'PATCH', `cancel/${id}`)).status).toBe(403);
    }
    expect(system.forwarded()).toEqual([]);
  });

  it('never passes on an answer that it cannot read', async () => {
    upstream.answer((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/html' }).end('<b>secret-4</b>');
    });
    const reply = await system.ask(KEY, { path: '/gateway/mlflow/v1/models' });
    expect(reply.status).toBe(502);
    expect(reply.text).not.toContain('secret-4');
    upstream.answer((_request, response) => sendJson(response, 200, { data: 'secret-4' }));
    expect((await system.ask(KEY, { path: '/gateway/mlflow/v1/models' })).status).toBe(502);
  });
});
