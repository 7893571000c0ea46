import type { ServerResponse } from 'node:http';
import { connect } from 'node:net';
import { eventually } from '../../support/lib/eventually.js';
import { startRecordedProxy } from './proxy-harness.js';

describe('the concurrency limit', () => {
  let h: Awaited<ReturnType<typeof startRecordedProxy>>;
  let held: ServerResponse[];
  beforeEach(async () => {
    h = await startRecordedProxy({
      MLFLOW_MAX_CONCURRENT_REQUESTS: '2',
      MLFLOW_MAX_QUEUED_REQUESTS: '2',
      MLFLOW_KEY_SHARE_PERCENT: '100',
    });
    held = [];
    h.upstream.raw((_request, response) => void held.push(response));
  });
  afterEach(() => h?.close());
  const get = (path: string) => fetch(`${h.proxy.url}/mlflow/${path}`);
  const queued = (count: number) =>
    eventually(async () => (await h.proxy.metric('mlflow_proxy_queued')) === count);

  it('holds back what is above it, in order, and refuses what the queue cannot hold', async () => {
    const first = [get('1'), get('2')];
    await eventually(() => held.length === 2);
    const third = get('3');
    await queued(1);
    const fourth = get('4');
    await queued(2);
    expect(await h.proxy.metric('mlflow_proxy_in_flight')).toBe(2);

    const refused = await get('5');
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '1']);
    expect(await refused.json()).toMatchObject({ error_code: 'TEMPORARILY_UNAVAILABLE' });
    expect(await h.proxy.metric('mlflow_proxy_queue_rejections_total{cause="queue_full"}')).toBe(1);
    expect(await h.proxy.metric('mlflow_proxy_requests_total{outcome="overloaded"}')).toBe(1);

    held[0]!.end('a');
    await eventually(() => held.length === 3);
    expect(h.upstream.requests.map((request) => request.url).slice(2)).toEqual(['/3']);
    for (const response of held.splice(0)) response.end('b');
    await eventually(() => held.length === 1);
    held[0]!.end('c');
    for (const answer of [...first, third, fourth]) expect((await answer).status).toBe(200);
    expect(await h.proxy.metric('mlflow_proxy_in_flight')).toBe(0);
  });

  it('a client that leaves the queue frees its place and never reaches MLflow', async () => {
    const first = [get('1'), get('2')];
    await eventually(() => held.length === 2);
    const leaving = connect(h.proxy.port, '127.0.0.1');
    leaving.write('GET /mlflow/gone HTTP/1.1\r\nHost: h\r\n\r\n');
    await queued(1);
    leaving.destroy();
    await queued(0);
    expect(await h.proxy.metric('mlflow_proxy_client_aborts_total{phase="queued"}')).toBe(1);
    for (const response of held) response.end('x');
    for (const answer of first) await (await answer).text();
    expect(h.upstream.requests.some((request) => request.url === '/gone')).toBe(false);
  });

  it('a client that leaves while MLflow works gives its turn to the next', async () => {
    const leaving = connect(h.proxy.port, '127.0.0.1');
    leaving.write('GET /mlflow/gone HTTP/1.1\r\nHost: h\r\n\r\n');
    const other = get('1');
    await eventually(() => held.length === 2);
    const waiting = get('2');
    await queued(1);
    leaving.destroy();
    await eventually(() => held.length === 3);
    for (const response of held) response.end('x');
    expect((await other).status).toBe(200);
    expect((await waiting).status).toBe(200);
  });
});
