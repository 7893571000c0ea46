import type { ServerResponse } from 'node:http';
import { connect, type Socket } from 'node:net';
import { eventually } from '../../support/lib/eventually.js';
import { sendJson } from '../../support/servers/recording-upstream.js';
import { invalidate, KEY, metric, OTHER_KEY, startAuthSetup, type AuthSetup } from '../auth/setup.js';

const FACTS = { valid: true, key_id: 'k1' };
const OTHER_FACTS = { valid: true, key_id: 'k2' };

/** What one connection sent and got. */
interface Exchange {
  readonly socket: Socket;
  seen: string;
  closed: boolean;
}

describe('a key that ends while its requests are under way', () => {
  let setup: AuthSetup;
  let held: ServerResponse[];
  let open: Exchange[];
  beforeEach(async () => {
    setup = await startAuthSetup({
      env: { MLFLOW_MAX_CONCURRENT_REQUESTS: '3', MLFLOW_KEY_SHARE_PERCENT: '100' },
    });
    setup.auth.know(KEY, FACTS);
    setup.auth.know(OTHER_KEY, OTHER_FACTS);
    held = [];
    open = [];
    setup.mlflow.raw((request, response) => {
      held.push(response);
      request.on('error', () => undefined).resume();
      if (request.url === '/stream') response.write('data: 1\n\n');
    });
  });
  afterEach(async () => {
    for (const { socket } of open) socket.destroy();
    await setup.close();
  });

  function send(method: string, path: string, key: string, more = ''): Exchange {
    const socket = connect(Number(new URL(setup.gateway.url).port), '127.0.0.1');
    const exchange: Exchange = { socket, seen: '', closed: false };
    open.push(exchange);
    socket.on('data', (chunk) => (exchange.seen += chunk.toString('latin1')));
    socket.on('close', () => (exchange.closed = true)).on('error', () => undefined);
    socket.write(
      `${method} /mlflow/${path} HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer ${key}\r\n${more}\r\n`,
    );
    return exchange;
  }

  /** One request that streams, one that uploads and one that waits for its turn, behind one of another key. */
  async function threeUnderWay(): Promise<Record<'stream' | 'upload' | 'waiting' | 'other', Exchange>> {
    const stream = send('GET', 'stream', KEY);
    await eventually(() => stream.seen.includes('data: 1'));
    const upload = send('PUT', 'upload', KEY, 'Content-Length: 100000\r\n');
    upload.socket.write('x'.repeat(50_000));
    const other = send('GET', 'other', OTHER_KEY);
    await eventually(() => held.length === 3);
    const waiting = send('GET', 'waiting', KEY);
    await eventually(async () => (await metric(setup.gateway, 'mlflow_proxy_queued')) === 1);
    return { stream, upload, waiting, other };
  }

  async function expectEnded({ stream, upload, waiting, other }: Record<string, Exchange>): Promise<void> {
    await eventually(() => stream!.closed && upload!.seen !== '' && waiting!.seen !== '', {
      timeoutMs: 3000,
    });
    expect(stream!.seen).not.toContain('\r\n0\r\n');
    for (const { seen } of [upload!, waiting!])
      expect(seen).toMatch(/^HTTP\/1\.1 401 [^]*www-authenticate: Bearer [^]*Invalid or expired API key/i);
    expect(await metric(setup.gateway, 'mlflow_proxy_ended_with_key_total')).toBe(3);
    expect(await metric(setup.gateway, 'mlflow_proxy_in_flight')).toBe(1);
    expect(await metric(setup.gateway, 'mlflow_proxy_queued')).toBe(0);
    expect([other!.seen, other!.closed]).toEqual(['', false]);
    const lines = setup.gateway.logs.of('request').filter(({ key_id: id }) => id === 'k1');
    expect(lines.map(({ status }) => status)).toEqual(expect.arrayContaining([401, 401, 401]));
    expect(setup.mlflow.requests.some(({ url }) => url === '/waiting')).toBe(false);
  }

  it.each([
    ['its id', { key_id: 'k1' }],
    ['itself', { api_key: KEY }],
  ])('revoked by %s: those that wait, upload and stream end, and no other', async (_title, body) => {
    const exchanges = await threeUnderWay();
    setup.auth.forget(KEY);
    await invalidate(setup.gateway, body);
    await expectEnded(exchanges);
  });

  it('expired: they end within two seconds', async () => {
    const expiresAt = new Date(setup.clock.now() + 60_000).toISOString();
    setup.auth.know(KEY, { ...FACTS, expires_at: expiresAt });
    const exchanges = await threeUnderWay();
    setup.clock.advance(60_001);
    await expectEnded(exchanges);
  });

  it('they go on where the key is still good: rotated with an overlap, or with other limits', async () => {
    const { stream, upload, waiting } = await threeUnderWay();
    const calls = setup.auth.calls.length;
    await invalidate(setup.gateway, { key_id: 'k1' });
    await eventually(() => setup.auth.calls.length > calls);
    for (const response of held.splice(0)) response.end('done');
    upload.socket.write('x'.repeat(50_000));
    await eventually(() => held.length === 1);
    held[0]!.end('done');
    await eventually(
      () => stream.seen.includes('done') && upload.seen.includes('done') && waiting.seen.includes('done'),
    );
    expect(await metric(setup.gateway, 'mlflow_proxy_ended_with_key_total')).toBe(0);
  });

  it('narrowed to scopes that do not open them: they end with 403, and those that are still open go on', async () => {
    const { stream, upload, waiting, other } = await threeUnderWay();
    setup.auth.know(KEY, { ...FACTS, scopes: [] });
    setup.auth.know(OTHER_KEY, { ...OTHER_FACTS, scopes: ['mlflow:access'] });
    await invalidate(setup.gateway, { key_ids: ['k1', 'k2'] });
    await eventually(() => stream.closed && upload.seen !== '' && waiting.seen !== '', { timeoutMs: 3000 });
    for (const { seen } of [upload, waiting]) expect(seen).toMatch(/^HTTP\/1\.1 403 /);
    expect(await metric(setup.gateway, 'mlflow_proxy_ended_with_key_total')).toBe(3);
    expect([other.seen, other.closed]).toEqual(['', false]);
  });

  it('they go on where the key was prolonged meanwhile', async () => {
    const at = (ms: number): string => new Date(setup.clock.now() + ms).toISOString();
    setup.auth.know(KEY, { ...FACTS, expires_at: at(60_000) });
    const { stream } = await threeUnderWay();
    setup.auth.know(KEY, { ...FACTS, expires_at: at(600_000) });
    const calls = setup.auth.calls.length;
    await invalidate(setup.gateway, { key_id: 'k1' });
    await eventually(() => setup.auth.calls.length > calls);
    setup.clock.advance(60_001);
    // Two rounds of the sweep.
    await new Promise((resolve) => setTimeout(resolve, 2200));
    expect(stream.closed).toBe(false);
    expect(await metric(setup.gateway, 'mlflow_proxy_ended_with_key_total')).toBe(0);
  });

  it('they end with 503 where nobody can say whether it was revoked', async () => {
    const { waiting, stream } = await threeUnderWay();
    setup.auth.override((_request, response) => sendJson(response, 500, {}));
    await invalidate(setup.gateway, { key_id: 'k1' });
    await eventually(() => stream.closed && waiting.seen !== '');
    expect(waiting.seen).toMatch(
      /^HTTP\/1\.1 503 [^]*retry-after: \d+[^]*Authentication service unavailable/i,
    );
  });
});
