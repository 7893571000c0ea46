import { gzipSync } from 'node:zlib';
import { startGrantSystem, type GrantSystem, type Reply } from '../../support/systems/grant-system.js';
import { sharedMlflow } from '../../support/mlflow/mlflow-server.js';
import { otlpBody } from '../../support/mlflow/otlp-body.js';
import { startRecordingUpstream, type RecordingUpstream } from '../../support/servers/recording-upstream.js';

const FULL = 'key-of-all-0123456789abcdef';
const ADMIN = 'key-of-admin-0123456789abcdef';
const V2 = '/api/2.0/mlflow';
const V3 = '/api/3.0/mlflow';
const RUN = '0123456789abcdef0123456789abcdef';

const judge = (url: string): string => JSON.stringify({ inference_params: { api_base: url } });

describe('STORAGE_URI_POLICY', () => {
  let mlflow: RecordingUpstream;
  let system: GrantSystem;

  const start = async (policy: string): Promise<void> => {
    mlflow = await startRecordingUpstream();
    system = await startGrantSystem(mlflow.url, { STORAGE_URI_POLICY: policy });
    system.know(FULL, ['mlflow:access'], undefined);
    system.know(ADMIN, ['mlflow:manage', 'admin'], { experiments: [{ name: '*', level: 'manage' }] });
  };
  afterEach(async () => {
    await system.close();
    await mlflow.close();
  });

  const send = (path: string, body: object, key = FULL, method = 'POST'): Promise<Reply> =>
    system.ask(key, { method, path, body });
  /** Every place of an address, with what stands there. */
  const places = (
    location: string,
    url: string,
  ): readonly (readonly [path: string, body: object, method?: string])[] => [
    [`${V2}/experiments/create`, { name: 'e', artifactLocation: location }],
    [`${V3}/workspaces`, { name: 'w', default_artifact_root: location }],
    [`${V3}/workspaces/w`, { traceArchivalConfig: { location } }, 'PATCH'],
    [`${V2}/model-versions/create`, { name: 'm', source: location }],
    [`${V2}/traces/t/tags`, { key: 'mlflow.artifactLocation', value: location }, 'PATCH'],
    [`${V3}/traces/t/tags`, { key: 'mlflow.artifactLocation', value: location }, 'PATCH'],
    [`${V2}/traces`, { experiment_id: '1', tags: [{ key: 'mlflow.artifactLocation', value: location }] }],
    [`${V3}/traces`, { trace: { trace_info: { tags: { 'mlflow.artifactLocation': location } } } }],
    [`${V3}/traces`, { trace: { trace_info: { tags: { 'MLFLOW.artifactLocation ': location } } } }],
    [`${V2}/webhooks`, { name: 'h', url }],
    [`${V2}/webhooks/1`, { url }, 'PATCH'],
    [`${V3}/gateway/secrets/create`, { secret_name: 's', auth_config: { api_base: url } }],
    [`${V3}/gateway/secrets/update`, { secret_id: 's', authConfig: { api_base: url } }],
    [`${V3}/scorers/register`, { experiment_id: '1', name: 's', serializedScorer: judge(url) }],
    ['/ajax-api/3.0/mlflow/scorer/invoke', { experiment_id: '1', serialized_scorer: judge(url) }],
    [
      '/ajax-api/3.0/mlflow/genai/evaluate/invoke',
      { experiment_id: '1', serialized_scorers: ['{}', judge(url)] },
    ],
    [`${V3}/prompt-optimization/jobs`, { config: { optimizerConfigJson: judge(url) } }],
    [`${V3}/mcp-servers/s/endpoints`, { url }],
    [`${V3}/mcp-servers/s/endpoints/1`, { url }, 'PATCH'],
    [`${V3}/mcp-servers`, { name: 's', icons: [{ src: 'https://x.example/i.png' }, { src: url }] }],
    [`${V3}/mcp-servers/s/versions`, { server_json: { remotes: [{ url }] } }],
    [`${V3}/mcp-servers/s/versions`, { server_json: { server: { icons: [{ src: url }] } } }],
  ];

  it('managed refuses every address of storage and every server of an inner network, for keys without grants too', async () => {
    await start('managed');
    for (const [path, body, method] of places('s3://bucket/x', 'http://169.254.169.254/')) {
      const reply = await send(path, body, FULL, method);
      expect([path, reply.status, reply.body['error_code']]).toEqual([path, 403, 'PERMISSION_DENIED']);
      expect(reply.body['message']).toContain(
        'The request gives MLflow an address that this gateway does not allow: "',
      );
    }
    expect(system.forwarded()).toEqual([]);
    expect((await send(`${V2}/model-versions/create`, { name: 'm', source: `runs:/${RUN}/m` })).status).toBe(
      200,
    );
    expect((await send(`${V2}/model-versions/create`, { name: 'm', source: 'dummy-source' })).status).toBe(
      200,
    );
    expect((await send(`${V2}/experiments/create`, { name: 'e', artifact_location: '' })).status).toBe(200);
    expect((await send(`${V2}/traces/t/tags`, { key: 'k', value: 's3://x' }, FULL, 'PATCH')).status).toBe(
      200,
    );
    expect((await send(`${V2}/webhooks`, { name: 'h', url: 'https://hooks.example.com/x' })).status).toBe(
      200,
    );
    const source = { dataset: { name: 'd', source: 's3://bucket/x', source_type: 's3' } };
    expect((await send(`${V2}/runs/log-inputs`, { run_id: RUN, datasets: [source] })).status).toBe(200);
    expect(system.forwarded()).toHaveLength(6);
  });

  it('schemes lets the listed stores pass, whole and unchanged, and nothing else', async () => {
    await start('schemes');
    for (const [path, body, method] of places('s3://bucket/x', 'https://hooks.example.com/'))
      expect([path, (await send(path, body, FULL, method)).status]).toEqual([path, 200]);
    for (const [path, body, method] of places('file:///etc', 'https://127.0.0.1/'))
      expect([path, (await send(path, body, FULL, method)).status]).toEqual([path, 403]);
    mlflow.requests.length = 0;
    const text = '{"name" : "e",  "artifact_location":"s3://b/x"}';
    await system.ask(FULL, { method: 'POST', path: `${V2}/experiments/create`, body: text });
    expect(system.relay.requests.at(-1)?.body.toString()).toBe(text);
  });

  it('reads such bodies in the one form that MLflow reads alike', async () => {
    await start('managed');
    const path = `${V2}/experiments/create`;
    const bodies = [
      '{"name":"e","artifact_location":"","artifact_location":"/etc"}',
      '{"name":"e","artifact_location":"","artifactLocation":"/etc"}',
      '"{\\"name\\":\\"e\\",\\"artifact_location\\":\\"/etc\\"}"',
      '{"tags":5,"artifact_location":"/etc"}',
    ];
    for (const body of bodies)
      expect([body, (await system.ask(FULL, { method: 'POST', path, body })).status]).toEqual([body, 400]);
    expect(system.forwarded()).toEqual([]);
  });

  it('lets no span say where the files of a trace are', async () => {
    await start('managed');
    const span = (tag: string): Buffer =>
      otlpBody({
        traceId: RUN,
        spanId: RUN.slice(16),
        attributes: { [`mlflow.traceTag.${tag}`]: 's3://bucket/x' },
      });
    const send = (body: Buffer): Promise<Reply> =>
      system.ask(FULL, {
        method: 'POST',
        path: '/v1/traces',
        body,
        headers: { 'content-type': 'application/x-protobuf', 'x-mlflow-experiment-id': '1' },
      });
    for (const tag of ['mlflow.artifactLocation', 'mlflow.trace.archiveLocation'])
      expect((await send(span(tag))).status).toBe(400);
    expect((await send(gzipSync(span('mlflow.artifactLocation')))).status).toBe(400);
    expect(system.forwarded()).toEqual([]);
    const harmless = span('team');
    expect((await send(harmless)).status).toBe(200);
    expect(system.relay.requests.at(-1)?.body).toEqual(harmless);
  });

  it('off reads nothing of keys without grants, and still manages keys with grants', async () => {
    await start('off');
    for (const [path, body, method] of places('/etc', 'http://169.254.169.254/'))
      expect([path, (await send(path, body, FULL, method)).status]).toEqual([path, 200]);
    expect(system.forwarded()).toHaveLength(22);
    for (const [path, body, method] of places('/etc', 'http://169.254.169.254/')) {
      // What stands here has to be asked about, and nobody answers.
      if (path.includes('/traces')) continue;
      expect([path, (await send(path, body, ADMIN, method)).status]).toEqual([path, 403]);
    }
    expect(system.forwarded()).toEqual([]);
  });
});

describe('the end of a trace in MLflow 2.22', () => {
  let system: GrantSystem;
  beforeAll(async () => {
    const { url } = await sharedMlflow('mlflow-2.22');
    system = await startGrantSystem(url, { STORAGE_URI_POLICY: 'managed' });
    system.know(FULL, ['mlflow:access'], undefined);
    system.know(ADMIN, ['mlflow:write'], { experiments: [{ id: '0', level: 'write' }] });
  }, 120_000);
  afterAll(() => system?.close());

  it.each([FULL, ADMIN])(
    'may say again where its files are, as clients do, and no other place (%s)',
    async (key) => {
      const started = await system.ask(key, {
        method: 'POST',
        path: `${V2}/traces`,
        body: { experiment_id: '0', timestamp_ms: 1 },
      });
      expect(started.status).toBe(200);
      const info = started.body['trace_info'] as {
        request_id: string;
        tags: { key: string; value: string }[];
      };
      expect(info.tags.map((tag) => tag.key)).toContain('mlflow.artifactLocation');
      const end = (tags: object): Promise<Reply> =>
        system.ask(key, {
          method: 'PATCH',
          path: `${V2}/traces/${info.request_id}`,
          body: { request_id: info.request_id, timestamp_ms: 2, status: 'OK', request_metadata: [], tags },
        });
      system.forwarded();
      expect((await end([{ key: 'mlflow.artifactLocation', value: 'mlflow-artifacts:/1' }])).status).toBe(
        403,
      );
      expect(system.forwarded()).toEqual([]);
      expect((await end(info.tags)).status).toBe(200);
    },
  );
});
