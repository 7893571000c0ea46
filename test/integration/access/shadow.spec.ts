import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startGrantSystem, type GrantSystem, type Reply } from '../../support/systems/grant-system.js';
import { hokusai } from '../../support/programs/hokusai.js';
import { metricOf } from '../../support/lib/metrics.js';
import {
  startRecordingUpstream,
  type RecordingUpstream,
  sendJson,
} from '../../support/servers/recording-upstream.js';
import { tempDir } from '../../support/lib/temp-dir.js';

const KEY = 'key-of-team-a-0123456789abcdef';
const FULL = 'key-of-all-0123456789abcdef';
const SCOPED = 'key-of-scope-0123456789abcdef';
const V2 = '/api/2.0/mlflow';
const RUN = '0123456789abcdef0123456789abcdef';

let mlflow: RecordingUpstream;
let system: GrantSystem;

async function start(env: Record<string, string>): Promise<void> {
  mlflow = await startRecordingUpstream((_request, response) =>
    sendJson(response, 200, { run: { info: { run_id: RUN, experiment_id: '2' } } }),
  );
  system = await startGrantSystem(mlflow.url, { STORAGE_URI_POLICY: 'managed', ...env });
  system.know(FULL, ['mlflow:access'], undefined);
  system.know(SCOPED, ['mlflow:write'], undefined);
  system.know(KEY, ['mlflow:write'], { experiments: [{ id: '1', level: 'write' }] });
}
afterEach(async () => {
  await system.close();
  await mlflow.close();
});

const count = (rule: string): Promise<number> =>
  metricOf(system.gateway, `gateway_access_shadow_total{rule="${rule}"}`);
const post = (path: string, body: object | string, key = KEY): Promise<Reply> =>
  system.ask(key, { method: 'POST', path: `${V2}/${path}`, body });

/** One request for each rule, with the problem by which it is refused. */
const REQUESTS: readonly (readonly [
  rule: string,
  problem: string,
  send: () => Promise<Reply>,
  body?: string,
])[] = [
  ['unknown-route', 'unknown-endpoint', () => system.ask(SCOPED, { path: '/api/9.0/mlflow/new' })],
  ['parser', 'ambiguous-request', () => system.ask(KEY, { path: `${V2}/runs/get?run_id=${RUN}&run_id=x` })],
  [
    'parser',
    'ambiguous-request',
    () => post('runs/set-tag', `{"run_id" : "${RUN}", "run_id":"x"}`),
    `{"run_id" : "${RUN}", "run_id":"x"}`,
  ],
  [
    'grants',
    'resource-forbidden',
    () => post('runs/set-tag', `{"run_id":  "${RUN}"}`),
    `{"run_id":  "${RUN}"}`,
  ],
  ['grants', 'resource-forbidden', () => system.ask(KEY, { path: `${V2}/experiments/get?experiment_id=2` })],
  [
    'ssrf',
    'storage-uri-forbidden',
    () => post('experiments/create', { name: 'e', artifact_location: '/etc' }, FULL),
  ],
];

describe('shadow mode', () => {
  it('forwards everything unchanged, counts it and says what enforcing would do', async () => {
    await start({ ACCESS_MODE: 'shadow' });
    for (const [rule, problem, send, body] of REQUESTS) {
      const before = await count(rule);
      system.forwarded();
      mlflow.requests.length = 0;
      expect([rule, (await send()).status]).toEqual([rule, 200]);
      expect(await count(rule)).toBe(before + 1);
      const sent = mlflow.requests.at(-1);
      if (body !== undefined) expect(sent?.body.toString()).toBe(body);
      expect(system.forwarded()).toHaveLength(1);
      expect(system.gateway.logs.of('access_would_refuse').at(-1)).toMatchObject({
        level: 'warn',
        rule,
        problem,
        key_id: expect.stringMatching(/^key-of-/) as string,
        endpoint: expect.stringMatching(/^(GET|POST) \//) as string,
        message: expect.any(String) as string,
      });
    }
  });

  it.each(['unknown-route', 'parser', 'grants', 'ssrf'])(
    'ACCESS_SHADOW=%s lets that rule alone pass',
    async (shadowed) => {
      await start({ ACCESS_SHADOW: shadowed });
      for (const [rule, problem, send] of REQUESTS) {
        const reply = await send();
        expect([rule, problem, reply.status < 300]).toEqual([rule, problem, rule === shadowed]);
      }
    },
  );

  it('does not narrow searches, and shows what is granted once it is over', async () => {
    await start({ ACCESS_SHADOW: 'grants' });
    const body = { experiment_ids: ['1', '2'] };
    expect((await post('runs/search', body)).status).toBe(200);
    expect(JSON.parse(mlflow.requests.at(-1)?.body.toString() ?? '')).toEqual(body);
    await system.close();
    await mlflow.close();
    await start({});
    await post('runs/search', body);
    expect(JSON.parse(mlflow.requests.at(-1)?.body.toString() ?? '')).toMatchObject({
      experiment_ids: ['1'],
    });
  });

  it('opens nothing by a key that is refused, without its scope, or over its limit', async () => {
    await start({ ACCESS_MODE: 'shadow' });
    expect(
      (await system.ask('a-key-that-nobody-knows', { path: `${V2}/runs/get?run_id=${RUN}` })).status,
    ).toBe(401);
    system.know('key-of-reader-0123456789abcdef', ['trace:read'], { experiments: [] });
    const reply = await system.ask('key-of-reader-0123456789abcdef', {
      path: `${V2}/runs/get?run_id=${RUN}`,
    });
    expect([reply.status, reply.body['message']]).toEqual([403, expect.stringContaining('experiment:read')]);
    expect(system.forwarded()).toEqual([]);
  });

  it('hokusai auth shadow-report sums up the log by key and call', async () => {
    await start({ ACCESS_MODE: 'shadow' });
    for (const [, , send] of [...REQUESTS, ...REQUESTS]) await send();
    const { path, remove } = await tempDir('logs');
    try {
      const text = `${system.gateway.logs.raw}no line of a log\n{"event":"access_would_refuse"}\n`;
      await writeFile(join(path, 'gateway.log'), text);
      const byFile = await hokusai(['auth', 'shadow-report', join(path, 'gateway.log'), '--json']);
      const { rows } = byFile.json<{ rows: { rule: string; requests: number; endpoint: string }[] }>();
      expect(rows).toHaveLength(6);
      expect(rows.every(({ requests }) => requests === 2)).toBe(true);
      const piped = await hokusai(['auth', 'shadow-report'], { stdin: text });
      expect(piped.stdout).toMatch(/^KEY ID +RULE +CALL +REQUESTS +LAST +BECAUSE$/m);
      expect(piped.stdout).toContain('POST /api/2.0/mlflow/runs/set-tag');
      expect((await hokusai(['auth', 'shadow-report', '/nowhere.log'])).code).toBe(2);
      expect((await hokusai(['auth', 'shadow-report'], { stdin: '' })).stdout).toBe(
        'Nothing would have been refused.\n',
      );
    } finally {
      await remove();
    }
  });
});
