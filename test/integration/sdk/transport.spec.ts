import type { ServerResponse } from 'node:http';
import { inspect } from 'node:util';
import {
  ConnectionError,
  type AttemptEvent,
  ExperimentManager,
  MlflowClient,
  RateLimitError,
  ServiceUnavailableError,
  TimeoutError,
  UnexpectedResponseError,
  ValidationError,
} from '../../../src/sdk/index.js';
import { freePort } from '../../support/programs/free-port.js';
import {
  sendJson,
  startRecordingUpstream,
  type RecordingUpstream,
} from '../../support/servers/recording-upstream.js';
import { collect } from './scenario.js';

const API_KEY = 'hk_live_transport_key_0123456789';
const QUICK = { baseDelayMs: 1, maxDelayMs: 2 };

let server: RecordingUpstream;
beforeEach(async () => {
  server = await startRecordingUpstream();
});
afterEach(() => server?.close());

function client(more: object = {}): MlflowClient {
  return new MlflowClient({
    apiKey: API_KEY,
    trackingUri: `${server.url}/api/mlflow`,
    retry: QUICK,
    env: {},
    ...more,
  });
}

/** Answers with these in turn, the last one for good. */
function inTurn(...answers: ((response: ServerResponse) => unknown)[]): void {
  let next = 0;
  server.answer((_, response) => void answers[Math.min(next++, answers.length - 1)]?.(response));
}

const down = (response: ServerResponse): unknown =>
  sendJson(response, 502, { error_code: 'TEMPORARILY_UNAVAILABLE', message: 'down' });
const limited = (response: ServerResponse): unknown =>
  sendJson(response, 429, { error_code: 'REQUEST_LIMIT_EXCEEDED', message: 'slow' });
const fine = (response: ServerResponse): unknown => sendJson(response, 200, {});
const cut = (response: ServerResponse): unknown => response.destroy();
const authDown = (response: ServerResponse): unknown =>
  sendJson(response, 503, {
    type: 'https://docs.hokus.ai/errors/auth-service-unavailable',
    message: 'auth is down',
  });

describe('retries on real sockets', () => {
  const READ = ['a read', (one: MlflowClient) => one.api.getRun({ run_id: 'r' })] as const;
  const SEARCH = [
    'a search by POST',
    (one: MlflowClient) => one.api.searchRuns({ experiment_ids: ['0'] }),
  ] as const;
  const TAG = [
    'a tag',
    (one: MlflowClient) => one.api.setTag({ run_id: 'r', key: 'k', value: 'v' }),
  ] as const;
  const FILE = ['a file', (one: MlflowClient) => one.artifacts.upload('a/b', 'text')] as const;
  const CREATE = ['a creation', (one: MlflowClient) => one.api.createRun({ experiment_id: '0' })] as const;
  const DELETE = ['a deletion', (one: MlflowClient) => one.api.deleteRegisteredModel({ name: 'm' })] as const;

  it.each([READ, SEARCH, TAG, FILE])('%s is repeated after faults until it is done', async (_, call) => {
    inTurn(down, cut, limited, authDown, fine);
    await call(client());
    expect(server.requests).toHaveLength(5);
  });

  it.each([CREATE, DELETE])('%s that may have been done is not repeated', async (_, call) => {
    inTurn(down, fine);
    await expect(call(client())).rejects.toBeInstanceOf(ServiceUnavailableError);
    inTurn(cut, fine);
    await expect(call(client())).rejects.toBeInstanceOf(ConnectionError);
    expect(server.requests).toHaveLength(2);
  });

  it.each([CREATE, DELETE])('%s that was refused before anything was done is repeated', async (_, call) => {
    inTurn(limited, authDown, fine);
    await call(client());
    expect(server.requests).toHaveLength(3);
  });

  it('a write to a server that is not there yet is repeated, and the attempts are told', async () => {
    const port = await freePort();
    const events: AttemptEvent[] = [];
    const away = client({
      trackingUri: `http://127.0.0.1:${port}`,
      onAttempt: (event: AttemptEvent) => events.push(event),
    });
    await expect(away.api.createRun({})).rejects.toBeInstanceOf(ConnectionError);
    expect(events.map(({ attempt, error }) => [attempt, error])).toEqual(
      [1, 2, 3, 4, 5].map((n) => [n, 'ConnectionError']),
    );
    expect(events.at(-1)?.retryInMs).toBeUndefined();
    expect(events[0]).toMatchObject({ method: 'POST', path: '/api/2.0/mlflow/runs/create' });
  });

  it('an upload from a stream is never sent twice', async () => {
    inTurn(limited, fine);
    const once = client().artifacts.upload('a', new Blob(['x']).stream());
    await expect(once).rejects.toBeInstanceOf(RateLimitError);
    expect(server.requests).toHaveLength(1);
  });

  it('a server that asks for more patience than allowed gets its error thrown at once, with the time', async () => {
    server.answer((_, response) => {
      response.setHeader('retry-after', '3600');
      limited(response);
    });
    await expect(client().api.getRun({ run_id: 'r' })).rejects.toMatchObject({
      name: 'RateLimitError',
      retryAfterSeconds: 3600,
    });
    expect(server.requests).toHaveLength(1);
  });
});

describe('settings of retries and time-outs on real sockets', () => {
  it('a number of retries that is undefined is the default and does not repeat for ever', async () => {
    inTurn(down);
    const retry = { ...QUICK, maxRetries: undefined };
    await expect(client({ retry }).api.getRun({ run_id: 'r' })).rejects.toBeInstanceOf(
      ServiceUnavailableError,
    );
    expect(server.requests).toHaveLength(5);
  });

  it.each([
    ['maxRetries', NaN],
    ['maxRetries', Infinity],
    ['timeoutMs', NaN],
    ['timeoutMs', -1],
  ])('a call with %s %p is refused before it is sent', async (name, value) => {
    const call = client().api.getRun({ run_id: 'r' }, { [name]: value });
    await expect(call).rejects.toBeInstanceOf(ValidationError);
    await expect(call).rejects.toThrow(`${name} must be`);
    expect(server.requests).toHaveLength(0);
  });

  it.each([2 ** 31, Infinity])('a time-out of %d ms lets an answer arrive', async (timeoutMs) => {
    server.answer(async (_, response) => {
      await new Promise((resolve) => setTimeout(resolve, 50));
      fine(response);
    });
    await client({ timeoutMs, retry: { maxRetries: 0 } }).api.getRun({ run_id: 'r' });
    await client({ retry: { maxRetries: 0 } }).api.getRun({ run_id: 'r' }, { timeoutMs });
  });

  it.each([
    ['throws', () => fail()],
    ['rejects', () => Promise.reject(new Error('the log is full'))],
  ])('an onAttempt that %s does not fail the request', async (_, onAttempt) => {
    inTurn(down, fine);
    expect(await client({ onAttempt }).api.getRun({ run_id: 'r' })).toEqual({});
    expect(server.requests).toHaveLength(2);
  });
});

function fail(): never {
  throw new Error('the log is full');
}

describe('time-outs, aborts and odd answers on real sockets', () => {
  it('silence is a time-out; the caller’s abort is the caller’s own reason, also between attempts', async () => {
    server.raw(() => undefined);
    await expect(client({ timeoutMs: 50 }).api.createRun({})).rejects.toBeInstanceOf(TimeoutError);
    const reason = new Error('I changed my mind');
    const controller = new AbortController();
    const call = client().api.getRun({ run_id: 'r' }, { signal: controller.signal });
    controller.abort(reason);
    await expect(call).rejects.toBe(reason);
    server.raw(undefined);
    inTurn(down);
    const waiting = new AbortController();
    const patient = client({
      retry: { baseDelayMs: 1e6, maxDelayMs: 1e6 },
      onAttempt: () => waiting.abort(reason),
    });
    await expect(patient.api.getRun({ run_id: 'r' }, { signal: waiting.signal })).rejects.toBe(reason);
  });

  it('a download that falls silent is a time-out, one that breaks off is an error and never looks complete', async () => {
    server.raw((_, response) => void response.writeHead(200, { 'content-length': '10' }).write('12345'));
    const silent = await client({ timeoutMs: 80 }).artifacts.download('a');
    await expect(silent.bytes()).rejects.toBeInstanceOf(TimeoutError);
    server.raw((_, response) => {
      response.writeHead(200, { 'content-length': '10' }).write('12345', () => response.destroy());
    });
    const broken = await client().artifacts.download('a');
    await expect(broken.bytes()).rejects.toBeInstanceOf(ConnectionError);
  });

  it('a slow download and a slow reader outlast the time-out, because bytes keep coming', async () => {
    server.raw(async (_, response) => {
      for (const part of ['a', 'b', 'c', 'd', 'e', 'f']) {
        response.write(part);
        await new Promise((resolve) => setTimeout(resolve, 40));
      }
      response.end();
    });
    const download = await client({ timeoutMs: 150 }).artifacts.download('a');
    expect(await download.text()).toBe('abcdef');
  });

  it('giving up a download frees the connection', async () => {
    const closed = new Promise<void>((resolve) =>
      server.raw((_, response) => {
        response.on('close', resolve);
        response.write('x'.repeat(1000));
      }),
    );
    const download = await client().artifacts.download('a');
    await download.body.cancel();
    await closed;
  });

  it('redirects are not followed, so the key goes nowhere else', async () => {
    const elsewhere = await startRecordingUpstream();
    try {
      server.answer((_, response) => void response.writeHead(307, { location: elsewhere.url }).end());
      await expect(client().api.getRun({ run_id: 'r' })).rejects.toBeInstanceOf(UnexpectedResponseError);
      expect(elsewhere.requests).toEqual([]);
    } finally {
      await elsewhere.close();
    }
  });

  it('a web page in place of JSON is an error, and a key that a server echoes stays out of it', async () => {
    server.answer((_, response) => void response.setHeader('content-type', 'text/html').end('<html>'));
    await expect(client().api.getRun({ run_id: 'r' })).rejects.toBeInstanceOf(UnexpectedResponseError);
    server.answer((request, response) =>
      sendJson(response, 400, {
        error_code: 'INVALID_PARAMETER_VALUE',
        message: `bad: ${request.headers.authorization}`,
      }),
    );
    const mlflow = client();
    const error = await mlflow.api.getRun({ run_id: 'r' }).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(ValidationError);
    expect((error as Error).message).toBe('bad: Bearer [redacted]');
    const shown = inspect([error, mlflow], { depth: 9, showHidden: true }) + JSON.stringify([error, mlflow]);
    expect(shown).not.toContain(API_KEY);
  });

  it('a key too short to be a secret leaves the words of an error whole', async () => {
    server.answer((_, response) => sendJson(response, 400, { message: 'expected a text' }));
    const call = client({ apiKey: 'x' }).api.getRun({ run_id: 'r' });
    await expect(call).rejects.toThrow('expected a text');
  });

  it.each(['null', '[]', '"x"', '7', '', ' '])(
    'a 200 with the body %j is an error, no message',
    async (body) => {
      server.answer((_, response) => void response.setHeader('x-request-id', 'r-1').end(body));
      const calls = [
        client().api.getRun({ run_id: 'r' }),
        client().artifacts.list(),
        client().artifacts.delete('a'),
        collect(new ExperimentManager(client()).search()),
      ];
      for (const call of calls) {
        await expect(call).rejects.toBeInstanceOf(UnexpectedResponseError);
        await expect(call).rejects.toMatchObject({ status: 200, requestId: 'r-1' });
      }
    },
  );

  it('an upload and a route outside the table may answer without a body, and with nothing else that is no message', async () => {
    const remove = (): Promise<unknown> => client().request('DELETE', '/api/3.0/mlflow/workspaces/w');
    const upload = (): Promise<void> => client().artifacts.upload('a', 'text');
    server.answer((_, response) => void response.writeHead(204).end());
    expect(await remove()).toEqual({});
    await upload();
    server.answer((_, response) => void response.end('null'));
    await expect(remove()).rejects.toBeInstanceOf(UnexpectedResponseError);
    await expect(upload()).rejects.toBeInstanceOf(UnexpectedResponseError);
  });

  it('a search whose server repeats its page token is an error and does not go on for ever', async () => {
    server.answer((_, response) => sendJson(response, 200, { experiments: [], next_page_token: 'again' }));
    const search = collect(new ExperimentManager(client()).search());
    await expect(search).rejects.toBeInstanceOf(UnexpectedResponseError);
    expect(server.requests).toHaveLength(2);
  });

  it('a request is as MLflow’s own client sends it: path, query, key, JSON', async () => {
    const mlflow = client();
    await mlflow.api.searchRegisteredModels({
      filter: "name = 'a b'",
      order_by: ['name', 'timestamp DESC'],
      max_results: 5,
    });
    await mlflow.api.deleteModelVersionTag({ name: 'm', version: '1', key: 'k' });
    await mlflow.api.setTraceTagV3({ trace_id: 'tr-1/x', key: 'k', value: 'v' });
    const seen = server.requests.map(({ method, url, body, headers }) => [
      method,
      url,
      body.toString(),
      headers.authorization,
    ]);
    expect(seen).toEqual([
      [
        'GET',
        '/api/mlflow/api/2.0/mlflow/registered-models/search?filter=name+%3D+%27a+b%27&order_by=name&order_by=timestamp+DESC&max_results=5',
        '',
        `Bearer ${API_KEY}`,
      ],
      [
        'DELETE',
        '/api/mlflow/api/2.0/mlflow/model-versions/delete-tag',
        '{"name":"m","version":"1","key":"k"}',
        `Bearer ${API_KEY}`,
      ],
      [
        'PATCH',
        '/api/mlflow/api/3.0/mlflow/traces/tr-1%2Fx/tags',
        '{"trace_id":"tr-1/x","key":"k","value":"v"}',
        `Bearer ${API_KEY}`,
      ],
    ]);
  });

  it('a large Blob goes out with its length, in parts, and its progress is told', async () => {
    const seen: number[] = [];
    await client().artifacts.upload('dir/a', new Blob([new Uint8Array(1_000_000)]), {
      onProgress: ({ transferredBytes }) => seen.push(transferredBytes),
    });
    expect(server.requests[0]?.headers['content-length']).toBe('1000000');
    expect(server.requests[0]?.body.length).toBe(1_000_000);
    expect(seen.length).toBeGreaterThan(2);
    expect(seen.at(-1)).toBe(1_000_000);
  });
});
