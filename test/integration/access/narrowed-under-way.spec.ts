import type { ServerResponse } from 'node:http';
import { connect, type Socket } from 'node:net';
import type { Grants } from '../../../src/contracts/access/grants.js';
import { eventually } from '../../support/lib/eventually.js';
import { sendJson } from '../../support/servers/recording-upstream.js';
import { invalidate, KEY, metric, startAuthSetup, type AuthSetup } from '../auth/setup.js';

const V2 = '/api/2.0/mlflow';
const RUN = 'a'.repeat(32);
const BOTH: Grants = {
  experiments: [
    { id: '1', level: 'write' },
    { id: '2', level: 'write' },
  ],
  endpoints: [{ name: 'gpt', level: 'invoke' }],
};
const SECOND: Grants = { experiments: [{ id: '2', level: 'write' }] };

interface Exchange {
  readonly socket: Socket;
  seen: string;
  closed: boolean;
}

describe('grants that are narrowed while requests are under way', () => {
  let setup: AuthSetup;
  let held: ServerResponse[];
  let open: Exchange[];

  const know = (grants: Grants | undefined): void =>
    setup.auth.know(KEY, {
      ...{ valid: true, key_id: 'k1' },
      scopes: grants ? ['mlflow:manage', 'gateway:invoke'] : ['mlflow:access'],
      ...(grants && { grants }),
    });
  beforeEach(async () => {
    setup = await startAuthSetup();
    held = [];
    open = [];
    setup.mlflow.raw((request, response) => {
      request.on('error', () => undefined).resume();
      const isClients = request.headers.via !== undefined || request.url?.startsWith('/gateway/');
      // What the gateway asks itself: every run lies in experiment 1.
      if (!isClients) return sendJson(response, 200, { run: { info: { experiment_id: '1' } } });
      held.push(response);
      if (request.method === 'GET') response.write('begun');
    });
  });
  afterEach(async () => {
    for (const { socket } of open) socket.destroy();
    await setup.close();
  });

  function send(method: string, path: string, body?: object): Exchange {
    const socket = connect(Number(new URL(setup.gateway.url).port), '127.0.0.1');
    const exchange: Exchange = { socket, seen: '', closed: false };
    open.push(exchange);
    socket.on('data', (chunk) => (exchange.seen += chunk.toString('latin1')));
    socket.on('close', () => (exchange.closed = true)).on('error', () => undefined);
    const text = body === undefined ? '' : JSON.stringify(body);
    const more = body ? `Content-Type: application/json\r\nContent-Length: ${text.length}\r\n` : '';
    socket.write(
      `${method} /mlflow${path} HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer ${KEY}\r\n${more}\r\n${text}`,
    );
    return exchange;
  }
  const download = (experiment: string): Exchange =>
    send('GET', `/api/2.0/mlflow-artifacts/artifacts/${experiment}/${RUN}/artifacts/x`);
  const tag = (): Exchange => send('POST', `${V2}/runs/set-tag`, { run_id: RUN, key: 'k', value: 'v' });
  const search = (ids: string[]): Exchange => send('POST', `${V2}/runs/search`, { experiment_ids: ids });
  const change = async (grants: Grants): Promise<void> => {
    const calls = setup.auth.calls.length;
    know(grants);
    await invalidate(setup.gateway, { key_id: 'k1' });
    await eventually(() => setup.auth.calls.length > calls);
  };
  const arrived = (count: number): Promise<unknown> => eventually(() => held.length === count);
  const ended = (): Promise<number> => metric(setup.gateway, 'mlflow_proxy_ended_with_key_total');

  it('end those that they no longer open, and no others', async () => {
    know(BOTH);
    const [first, second] = [download('1'), download('2')];
    const write = tag();
    const call = send('POST', '/gateway/mlflow/v1/chat/completions', { model: 'gpt', messages: [] });
    await arrived(4);
    await eventually(() => first.seen.includes('begun') && second.seen.includes('begun'));
    await change(SECOND);
    await eventually(() => first.closed && write.seen !== '' && call.seen !== '', { timeoutMs: 3000 });
    expect(first.seen).not.toContain('\r\n0\r\n');
    expect(write.seen).toMatch(
      /^HTTP\/1\.1 403 [^]*no grant to write the experiment of the run .*\(body run_id\)/,
    );
    expect(call.seen).toMatch(/^HTTP\/1\.1 403 [^]*no grant to invoke the gateway endpoint/);
    expect(await ended()).toBe(3);
    for (const response of held) response.end('done');
    await eventually(() => second.seen.includes('done'));
  });

  it('have the client try again where what goes on depends on the grants of before', async () => {
    know(BOTH);
    const narrowed = search(['1', '2', '3']);
    const whole = search(['2']);
    await arrived(2);
    await change(SECOND);
    await eventually(() => narrowed.seen !== '');
    expect(narrowed.seen).toMatch(/^HTTP\/1\.1 503 [^]*retry-after: 1[^]*lost some of its rights while/i);
    for (const response of held) sendJson(response, 200, {});
    await eventually(() => whole.seen.startsWith('HTTP/1.1 200'));
  });

  it('of a key that had none: paths are judged, and what was not read is to be sent again', async () => {
    know(undefined);
    const [first, second] = [download('1'), download('2')];
    const write = tag();
    await arrived(3);
    await eventually(() => first.seen.includes('begun') && second.seen.includes('begun'));
    await change(SECOND);
    await eventually(() => first.closed && write.seen !== '');
    expect(write.seen).toMatch(/^HTTP\/1\.1 503 [^]*retry-after: 1/i);
    expect([second.closed, await ended()]).toEqual([false, 2]);
  });

  it('that are widened end nothing', async () => {
    know(BOTH);
    const all = [download('1'), tag(), search(['1', '2', '3'])];
    await arrived(3);
    await change({ ...BOTH, models: [{ name: '*', level: 'read' }] });
    for (const response of held) response.end('done');
    await eventually(() => all.every(({ seen }) => seen.includes('done')));
    expect(await ended()).toBe(0);
  });
});
