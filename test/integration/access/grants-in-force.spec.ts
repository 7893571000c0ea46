import { connect, type Socket } from 'node:net';
import { startAnsweringMlflow } from '../../support/mlflow/answering-mlflow.js';
import { eventually } from '../../support/lib/eventually.js';
import { startTestGateway, type TestGateway } from '../../support/systems/gateway.js';
import { startGrantSystem, type GrantSystem, type Reply } from '../../support/systems/grant-system.js';
import { randomHex } from '../../support/mlflow/granted-things.js';
import { metricOf } from '../../support/lib/metrics.js';
import { sendJson, type RecordingUpstream } from '../../support/servers/recording-upstream.js';
import { startRedisServer, type RedisServer } from '../../support/servers/redis-server.js';
import type { Grants } from '../../../src/contracts/access/grants.js';

const KEY = 'key-of-team-a-0123456789abcdef';
const TOKEN = 'an-admin-token-of-the-tests';
const V2 = '/api/2.0/mlflow';
const OPEN: Grants = { experiments: [{ id: '1', level: 'write' }] };
const ELSEWHERE: Grants = { experiments: [{ id: '2', level: 'write' }] };
const run = (digit: string): string => digit.repeat(32);
const tag = (run_id: string): object => ({ run_id, key: 'k', value: 'v' });

let mlflow: RecordingUpstream;
let system: GrantSystem;

async function start(env: Record<string, string> = {}): Promise<void> {
  mlflow = await startAnsweringMlflow();
  system = await startGrantSystem(mlflow.url, env);
  system.know(KEY, ['mlflow:manage'], OPEN);
}
async function stop(): Promise<void> {
  await system?.close();
  await mlflow?.close();
}
const read = (id: string): Promise<Reply> => system.ask(KEY, { path: `${V2}/runs/get?run_id=${id}` });

describe('grants that are narrowed', () => {
  let redis: RedisServer;
  let second: TestGateway;

  beforeAll(async () => {
    redis = await startRedisServer();
    await start({ REDIS_URL: redis.url, GATEWAY_ADMIN_TOKEN: TOKEN });
    second = await startTestGateway({
      MLFLOW_SERVER_URL: system.relay.url,
      HOKUSAI_AUTH_SERVICE_URL: system.auth.url,
      REDIS_URL: redis.url,
      GATEWAY_ADMIN_TOKEN: TOKEN,
    });
    for (const gateway of [system.gateway, second])
      await eventually(async () => (await metricOf(gateway, 'redis_up')) === 1);
  });
  afterAll(async () => {
    await second?.close();
    await stop();
    await redis?.close();
  });

  const statusOf = async ({ url }: TestGateway): Promise<number> => {
    const headers = { authorization: `Bearer ${KEY}` };
    return (await fetch(`${url}/mlflow${V2}/runs/get?run_id=${run('a')}`, { headers })).status;
  };
  const narrow = (grants: Grants): Promise<Response> => {
    system.know(KEY, ['mlflow:manage'], grants);
    return fetch(`${system.gateway.url}/internal/keys/invalidate`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${TOKEN}` },
      body: JSON.stringify({ key_id: KEY.slice(0, 20) }),
    });
  };

  it('hold on every replica within a second, for what was looked up before too', async () => {
    for (const gateway of [system.gateway, second]) {
      expect(await statusOf(gateway)).toBe(200);
      expect(await statusOf(gateway)).toBe(200);
    }
    expect((await narrow(ELSEWHERE)).status).toBe(202);
    expect(await statusOf(system.gateway)).toBe(403);
    await eventually(async () => (await statusOf(second)) === 403, { timeoutMs: 1000, intervalMs: 5 });
    await narrow(OPEN);
    await eventually(async () => (await statusOf(second)) === 200);
  });

  it('hold for a request whose body was still on its way', async () => {
    expect(await statusOf(system.gateway)).toBe(200);
    const body = JSON.stringify(tag(run('a')));
    const { port, hostname } = new URL(system.gateway.url);
    const socket = connect(Number(port), hostname);
    let answer = '';
    socket.setEncoding('utf8').on('data', (chunk: string) => (answer += chunk));
    socket.write(
      `POST /mlflow${V2}/runs/set-tag HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${KEY}\r\n` +
        `Content-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body.slice(0, 5)}`,
    );
    await eventually(async () => (await metricOf(system.gateway, 'access_bodies_bytes')) === body.length);
    await narrow(ELSEWHERE);
    system.forwarded();
    socket.write(body.slice(5));
    await eventually(() => answer.includes('\r\n\r\n'));
    expect(answer).toMatch(/^HTTP\/1\.1 403 /);
    expect(system.forwarded()).toEqual([]);
    socket.destroy();
    await narrow(OPEN);
  });
});

describe('look-ups', () => {
  beforeAll(() => start({ ACCESS_LOOKUP_TIMEOUT_MS: '300' }));
  afterAll(stop);

  it.each<[string, Parameters<RecordingUpstream['answer']>[0]]>([
    ['answers 500', (_request, response) => sendJson(response, 500, {})],
    [
      'refuses the gateway',
      (_request, response) => sendJson(response, 403, { error_code: 'PERMISSION_DENIED' }),
    ],
    ['wants a sign-in', (_request, response) => sendJson(response, 401, {})],
    ['closes the connection', (_request, response) => void response.destroy()],
    ['answers what is no JSON', (_request, response) => void response.end('<html>')],
    ['answers something else', (_request, response) => sendJson(response, 200, { other: 1 })],
    ['does not answer in time', () => undefined],
  ])('are 503 and no refusal while MLflow %s, and are not remembered', async (_how, answer) => {
    const id = randomHex();
    mlflow.answer(answer);
    const reply = await read(id);
    expect(reply).toMatchObject({
      status: 503,
      body: {
        error_code: 'TEMPORARILY_UNAVAILABLE',
        type: expect.stringMatching(/lookup-unavailable$/) as unknown,
      },
    });
    expect(reply.headers['retry-after']).toBe('1');
    const failed = system.gateway.logs.of('mlflow_lookup_failed');
    expect(failed.at(-1)).toMatchObject({ lookup: `${V2}/runs/get` });
    expect(JSON.stringify(failed)).not.toContain(id);
    mlflow.answer((_request, response) => sendJson(response, 200, { run: { info: { experiment_id: '1' } } }));
    expect((await read(id)).status).toBe(200);
  });

  it('are made once for all who ask at the same time, and once for good', async () => {
    let asked = 0;
    mlflow.answer((_request, response) => {
      asked += 1;
      setImmediate(() => sendJson(response, 200, { run: { info: { experiment_id: '1' } } }));
    });
    const id = run('d');
    await Promise.all(Array.from({ length: 20 }, () => read(id)));
    system.relay.requests.length = 0;
    await read(id);
    expect(system.relay.requests.filter(({ headers }) => headers.via === undefined)).toEqual([]);
    // The others are the requests of the clients, which went on.
    expect(asked - 21).toBe(1);
  });

  it('go without the key of the client, as the gateway', async () => {
    system.relay.requests.length = 0;
    await read(run('e'));
    const [lookup] = system.relay.requests;
    expect(lookup?.headers.authorization).toBeUndefined();
    expect(lookup?.rawHeaders.join(' ')).not.toContain(KEY);
  });
});

describe('random ids', () => {
  beforeAll(() => start());
  afterAll(stop);

  it('cost no more look-ups than the limit of the key', async () => {
    system.auth.know(KEY, {
      valid: true,
      key_id: 'k',
      scopes: ['mlflow:manage'],
      grants: { ...OPEN },
      rate_limit_per_hour: 1000,
      burst: 25,
    });
    mlflow.answer((_request, response) => sendJson(response, 404, { error_code: 'RESOURCE_DOES_NOT_EXIST' }));
    const statuses: number[] = [];
    for (let i = 0; i < 60; i++) statuses.push((await read(i.toString(16).padStart(32, '0'))).status);
    expect(statuses.slice(0, 25)).toEqual(Array.from({ length: 25 }, () => 403));
    expect(new Set(statuses.slice(25))).toEqual(new Set([429]));
    expect(system.relay.requests).toHaveLength(25);
  });
});

describe('bodies that are read', () => {
  beforeAll(() =>
    start({
      ACCESS_MAX_BODY_BYTES: '65536',
      ACCESS_MAX_BODIES_BYTES: '1048576',
      BODY_IDLE_TIMEOUT_SECONDS: '1',
    }),
  );
  afterAll(stop);

  const long = (bytes: number): string => JSON.stringify({ ...tag(run('a')), value: 'x'.repeat(bytes) });

  it('are 413 where they are too long, said to be so or not', async () => {
    for (const chunked of [false, true]) {
      const reply = await system.ask(KEY, {
        method: 'POST',
        path: `${V2}/runs/set-tag`,
        body: long(70_000),
        chunked,
      });
      expect(reply).toMatchObject({
        status: 413,
        body: { message: expect.stringContaining('ACCESS_MAX_BODY_BYTES') as unknown },
      });
    }
    expect(
      (await system.ask(KEY, { method: 'POST', path: `${V2}/runs/set-tag`, body: long(60_000) })).status,
    ).toBe(200);
    expect(await metricOf(system.gateway, 'access_bodies_bytes')).toBe(0);
  });

  /** Bodies that are announced, and do not come. */
  const hold = (keys: readonly string[]): Socket[] => {
    const { port, hostname } = new URL(system.gateway.url);
    return keys.map((key) => {
      const socket = connect(Number(port), hostname);
      socket
        .on('error', () => undefined)
        .write(
          `POST /mlflow${V2}/runs/set-tag HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${key}\r\nContent-Type: application/json\r\nContent-Length: 60000\r\n\r\n{`,
        );
      return socket;
    });
  };
  const held = (): Promise<number> => metricOf(system.gateway, 'access_bodies_bytes');
  const send = (key: string): Promise<Reply> =>
    system.ask(key, { method: 'POST', path: `${V2}/runs/set-tag`, body: long(60_000) });

  it('are 503 where all together are too much, and leave nothing behind when their clients go', async () => {
    const keys = Array.from({ length: 17 }, (_, index) => `key-of-team-${index}-0123456789abcdef`);
    for (const key of keys) system.know(key, ['mlflow:manage'], OPEN);
    const sockets = hold(keys);
    await eventually(async () => (await held()) === 17 * 60_000);
    expect(await send(KEY)).toMatchObject({ status: 503, body: { error_code: 'TEMPORARILY_UNAVAILABLE' } });
    for (const socket of sockets) socket.destroy();
    await eventually(async () => (await held()) === 0);
  });

  it('of one key leave room for those of others: beyond its share they are 429', async () => {
    const other = 'key-of-team-b-0123456789abcdef';
    system.know(other, ['mlflow:manage'], OPEN);
    const sockets = hold(Array.from({ length: 17 }, () => KEY));
    await eventually(async () => (await held()) === 8 * 60_000);
    expect(await send(KEY)).toMatchObject({ status: 429, body: { error_code: 'REQUEST_LIMIT_EXCEEDED' } });
    expect((await send(other)).status).toBe(200);
    for (const socket of sockets) socket.destroy();
    await eventually(async () => (await held()) === 0);
  });

  it('are 408 where their clients stop sending', async () => {
    const { port, hostname } = new URL(system.gateway.url);
    const socket = connect(Number(port), hostname);
    let answer = '';
    socket.setEncoding('utf8').on('data', (chunk: string) => (answer += chunk));
    socket.write(
      `POST /mlflow${V2}/runs/set-tag HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${KEY}\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{`,
    );
    await eventually(() => answer.startsWith('HTTP/1.1 408 '));
    socket.destroy();
  });

  it('are asked for with 100 Continue', async () => {
    const body = JSON.stringify(tag(run('a')));
    const { port, hostname } = new URL(system.gateway.url);
    const socket = connect(Number(port), hostname);
    let answer = '';
    socket.setEncoding('utf8').on('data', (chunk: string) => (answer += chunk));
    socket.write(
      `POST /mlflow${V2}/runs/set-tag HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${KEY}\r\nExpect: 100-continue\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n`,
    );
    await eventually(() => answer.includes('100 Continue'));
    socket.write(body);
    await eventually(() => answer.includes('HTTP/1.1 200 '));
    socket.destroy();
  });
});

describe('a gateway that opens MLflow to keys with grants alone', () => {
  beforeAll(() => start({ AUTH_REQUIRE_GRANTS: 'true' }));
  afterAll(stop);

  it('refuses the others, with any scopes', async () => {
    system.know('key-without-grants-0123456789', ['mlflow:access', 'admin'], undefined);
    const reply = await system.ask('key-without-grants-0123456789', { path: '/health' });
    expect(reply).toMatchObject({
      status: 403,
      body: { type: expect.stringMatching(/grants-required$/) as unknown },
    });
    expect((await read(run('a'))).status).toBe(200);
  });
});
