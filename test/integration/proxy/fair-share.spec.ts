import { connect, type Socket } from 'node:net';
import { eventually } from '../../support/lib/eventually.js';
import { ask, KEY, metric, OTHER_KEY, startAuthSetup, withKey, type AuthSetup } from '../auth/setup.js';

const SLOTS = 20;
const ATTEMPTS = 100;
const LIMITS = {
  MLFLOW_MAX_CONCURRENT_REQUESTS: String(SLOTS),
  MLFLOW_MAX_QUEUED_REQUESTS: String(SLOTS),
};

describe('one key and all others', () => {
  let setup: AuthSetup;
  let sockets: Socket[];
  beforeEach(() => (sockets = []));
  afterEach(async () => {
    for (const socket of sockets) socket.destroy();
    await setup.close();
  });

  async function start(env: Record<string, string> = {}): Promise<void> {
    setup = await startAuthSetup({ env: { ...LIMITS, ...env } });
    for (const key of [KEY, OTHER_KEY]) setup.auth.know(key);
    expect((await ask(setup.gateway, withKey(KEY))).status).toBe(200);
  }

  /** Uploads that send one byte and then nothing; what comes back on each connection. */
  function uploads(count: number, from: (n: number) => string = () => ''): string[] {
    return Array.from({ length: count }, (_, n) => {
      const socket = connect(Number(new URL(setup.gateway.url).port), '127.0.0.1');
      sockets.push(socket);
      socket.on('error', () => undefined);
      socket.on('data', (chunk) => (answers[n] += chunk.toString('latin1')));
      socket.write(
        `PUT /mlflow/upload HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer ${KEY}\r\n${from(n)}Content-Length: 9\r\n\r\nx`,
      );
      return '';
    });
  }
  let answers: string[] = [];
  const under = (name: string, labels = ''): Promise<number> => metric(setup.gateway, name, labels);

  it('uploads of one key without end leave slots and places in the queue for other keys', async () => {
    await start();
    answers = uploads(ATTEMPTS);
    await eventually(() => answers.filter((text) => text !== '').length === ATTEMPTS - 2 * (SLOTS / 4));
    expect(await under('mlflow_proxy_in_flight')).toBe(SLOTS / 4);
    expect(await under('mlflow_proxy_busiest_key_in_flight')).toBe(SLOTS / 4);
    expect(await under('mlflow_proxy_queued')).toBe(SLOTS / 4);
    expect(answers.find((text) => text !== '')).toMatch(
      /^HTTP\/1\.1 429 [^]*\r\nretry-after: 1\r\n[^]*This API key has too many requests under way/i,
    );
    const refused = ATTEMPTS - 2 * (SLOTS / 4);
    expect(await under('mlflow_proxy_queue_rejections_total', '{cause="address_share"}')).toBe(refused);
    expect((await ask(setup.gateway, withKey(OTHER_KEY))).status).toBe(200);
  });

  it('so do uploads of one key from many addresses, and one address leaves some to the others of its key', async () => {
    await start({ TRUSTED_PROXY_HOPS: '1' });
    const from = (n: number): string => `X-Forwarded-For: 192.0.2.${n}\r\n`;
    answers = uploads(ATTEMPTS, () => from(1));
    await eventually(() => answers.filter((text) => text !== '').length === ATTEMPTS - 2 * (SLOTS / 4));
    expect((await ask(setup.gateway, { ...withKey(KEY), 'x-forwarded-for': '192.0.2.2' })).status).toBe(200);
    answers = uploads(ATTEMPTS, from);
    await eventually(async () => (await under('mlflow_proxy_in_flight')) === SLOTS / 2);
    await eventually(async () => (await under('mlflow_proxy_queued')) === SLOTS / 2);
    expect(await under('mlflow_proxy_queue_rejections_total', '{cause="key_share"}')).toBeGreaterThan(0);
    expect((await ask(setup.gateway, withKey(OTHER_KEY))).status).toBe(200);
  });

  it('uploads slower than the least rate give their slots back, however long a client would go on', async () => {
    await start({ UPLOAD_RATE_WINDOW_SECONDS: '1', UPLOAD_MIN_BYTES_PER_SECOND: '100' });
    let uploaded = 0;
    setup.mlflow.raw((request, response) => {
      request.on('data', (chunk: Buffer) => (uploaded += chunk.length));
      request.on('end', () => response.end('all'));
      request.on('error', () => undefined);
    });
    answers = uploads(1);
    const trickle = setInterval(() => sockets[0]?.write('x'), 250);
    await eventually(() => answers[0]?.startsWith('HTTP/1.1 408'), { what: 'the end of the slow one' });
    clearInterval(trickle);
    expect(await under('mlflow_upstream_faults_total', '{kind="client_slow"}')).toBe(1);
    expect(await under('mlflow_proxy_in_flight')).toBe(0);

    // Faster than that, it may take as long as it likes.
    const socket = connect(Number(new URL(setup.gateway.url).port), '127.0.0.1');
    sockets.push(socket);
    let answer = '';
    socket.on('data', (chunk) => (answer += chunk.toString('latin1')));
    socket.write(
      `PUT /mlflow/x HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer ${KEY}\r\nContent-Length: 600\r\n\r\n`,
    );
    const steady = setInterval(() => socket.write('x'.repeat(60)), 250);
    await eventually(() => answer.includes('all'), { what: 'the end of the steady one' });
    clearInterval(steady);
    expect(uploaded).toBeGreaterThanOrEqual(600);
  });
});
