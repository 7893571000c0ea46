import type { ServerResponse } from 'node:http';
import { connect, type Socket } from 'node:net';
import { eventually } from '../../support/lib/eventually.js';
import { startProxy, type ProxyUnderTest } from '../proxy/proxy-harness.js';
import { startRecordingUpstream, type RecordingUpstream } from '../../support/servers/recording-upstream.js';
import { rawRequest } from '../proxy/raw-http.js';

const get = (path: string, more = ''): string => `GET /mlflow/${path} HTTP/1.1\r\nHost: h\r\n${more}\r\n`;

describe('requests of one connection', () => {
  let upstream: RecordingUpstream;
  let proxy: ProxyUnderTest;
  let client: Socket;
  let seen: string;
  let closed: boolean;
  let held: ServerResponse[];
  beforeEach(async () => {
    upstream = await startRecordingUpstream();
    proxy = await startProxy(upstream.url, { MLFLOW_KEY_SHARE_PERCENT: '100' });
    held = [];
    upstream.raw((_request, response) => void held.push(response));
    seen = '';
    closed = false;
    client = connect(proxy.port, '127.0.0.1').setEncoding('latin1');
    client.on('data', (text: string) => (seen += text)).on('error', () => undefined);
    client.on('close', () => (closed = true));
  });
  afterEach(async () => {
    client.destroy();
    await proxy.close();
    await upstream.close();
  });
  const statuses = (): number[] =>
    [...seen.matchAll(/HTTP\/1\.1 (\d{3})/g)].map(([, status]) => Number(status));

  it.each([
    ['no HTTP', 'SSH-2.0-OpenSSH\r\n\r\n'],
    ['two lengths', 'GET /a HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n'],
    ['headers that are too large', `GET /a HTTP/1.1\r\nHost: h\r\nX: ${'x'.repeat(200_000)}\r\n\r\n`],
  ])('%s behind one under way is never answered in its place', async (_title, bytes) => {
    client.write(get('first'));
    await eventually(() => held.length === 1);
    client.write(bytes);
    await eventually(() => proxy.logs.of('request_unreadable').length === 1);
    expect(seen).toBe('');
    held[0]!.end('the first answer');
    await eventually(() => closed);
    expect(statuses()).toEqual([200]);
    expect(seen).toContain('the first answer');
  });

  it('all that were read before get their answers, in order', async () => {
    client.write(get('1') + get('2') + get('3'));
    await eventually(() => held.length === 3);
    client.write('nonsense\r\n\r\n');
    await eventually(() => proxy.logs.of('request_unreadable').length === 1);
    for (const [n, response] of held.entries()) response.end(`answer ${n}`);
    await eventually(() => closed);
    expect(statuses()).toEqual([200, 200, 200]);
    expect([...seen.matchAll(/answer \d/g)].map(([text]) => text)).toEqual([
      'answer 0',
      'answer 1',
      'answer 2',
    ]);
  });

  it('a body that cannot be read is refused as the request that it belongs to', async () => {
    client.write('POST /mlflow/x HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n');
    await eventually(() => held.length === 1);
    client.write('zz\r\n');
    await eventually(() => closed);
    expect(statuses()).toEqual([400]);
  });

  it('a bounded number is under way at once; the first one too many is refused, and the connection ends', async () => {
    client.write(Array.from({ length: 2000 }, (_, n) => get(String(n))).join(''));
    await eventually(() => held.length === 32);
    // Whatever else came would have come by now: the next look at the metrics needs a turn of the same server.
    expect(await proxy.metric('mlflow_proxy_in_flight')).toBe(32);
    for (const response of held) response.end('x');
    await eventually(() => closed);
    expect(statuses()).toEqual([...Array<number>(32).fill(200), 429]);
    expect(held).toHaveLength(32);
  });

  it('any number may come one after the other', async () => {
    upstream.raw(undefined);
    for (let n = 1; n <= 40; n++) {
      client.write(get(String(n)));
      await eventually(() => statuses().length === n, { intervalMs: 2 });
    }
    expect(new Set(statuses())).toEqual(new Set([200]));
  });

  it('headers beyond the number that the parser keeps are refused, not dropped', async () => {
    const many = Array.from({ length: 1000 }, (_, n) => `x${n}: 1\r\n`).join('');
    const { status, text } = await rawRequest(proxy.port, get('x', many), (soFar) => soFar.includes('}'));
    expect([status, upstream.requests.length]).toEqual([431, 0]);
    expect(text).toContain('fewer than 1,000 headers');
    const fewer = Array.from({ length: 900 }, (_, n) => `x${n}: 1\r\n`).join('');
    upstream.raw(undefined);
    const answer = await rawRequest(proxy.port, get('x', `${fewer}Connection: close\r\n`));
    expect([answer.status, upstream.requests[0]!.headers['x899']]).toEqual([200, '1']);
  });
});
