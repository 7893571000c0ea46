import { connect, type Socket } from 'node:net';
import { eventually } from '../../support/lib/eventually.js';
import { startProxy, type ProxyUnderTest } from './proxy-harness.js';
import { startRawServer, type RawServer } from './raw-http.js';

/** Above what is joined to its head: the body is written as a buffer of its own. */
const LARGE = 'B'.repeat(20_000);
const CONTINUE = 'HTTP/1.1 100 Continue\r\n\r\n';
const get = (path: string): string => `GET /mlflow${path} HTTP/1.1\r\nHost: h\r\n\r\n`;
const okText = (body: string): string => `HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n${body}`;

/** The answers on a connection, read as a client reads them: by their lengths. */
function answersIn(text: string): { status: number; body: string }[] {
  const answers: { status: number; body: string }[] = [];
  for (let rest = text; rest !== '';) {
    const end = rest.indexOf('\r\n\r\n') + 4;
    const status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(rest)?.[1] ?? 0);
    if (status === 0 || end < 4)
      throw new Error(`no answer begins with ${JSON.stringify(rest.slice(0, 80))}`);
    const length = Number(/\r\ncontent-length: (\d+)/i.exec(rest.slice(0, end))?.[1] ?? 0);
    answers.push({ status, body: rest.slice(end, end + length) });
    rest = rest.slice(end + length);
  }
  return answers;
}

describe('requests that wait behind another on their connection', () => {
  let upstream: RawServer;
  let proxy: ProxyUnderTest;
  let client: Socket;
  let seen: string;
  let ended: Promise<unknown>;
  let slow: Socket | undefined;

  /** `/slow` waits for `answerSlow`; each other path answers by itself. */
  async function start(answers: Record<string, string>, env: Record<string, string> = {}): Promise<void> {
    slow = undefined;
    upstream = await startRawServer((socket, text) => {
      const [head, ...body] = (text.split(/(?=(?:GET|POST) \/)/).at(-1) ?? '').split('\r\n\r\n');
      if (body.length === 0) return;
      const length = Number(/content-length: (\d+)/i.exec(head!)?.[1] ?? 0);
      if (body.join('\r\n\r\n').length < length) return;
      const path = head!.split(' ')[1]!;
      if (path === '/slow') slow = socket;
      else socket.write(answers[path] ?? okText('{}'));
    });
    proxy = await startProxy(upstream.url, env);
    seen = '';
    client = connect(proxy.port, '127.0.0.1').setEncoding('latin1');
    client.on('data', (text: string) => (seen += text)).on('error', () => undefined);
    ended = new Promise((resolve) => client.on('close', resolve));
  }
  afterEach(async () => {
    client?.destroy();
    await proxy?.close();
    await upstream?.close();
  });
  const answerSlow = (): void => void slow!.write(okText('first'));
  const reached = (path: string): Promise<unknown> =>
    eventually(() => upstream.received.some((text) => text.includes(` ${path} `)), { what: path });
  const open = (count: number): Promise<unknown> =>
    eventually(async () => slow && (await proxy.metric('mlflow_proxy_in_flight')) === count);
  const onlySlowIsOpen = (): Promise<unknown> => open(1);
  const bothAreOpen = (): Promise<unknown> => open(2);
  const expecting = (length: number): string =>
    `POST /mlflow/upload HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: ${length}\r\n\r\n`;

  it.each([
    ['a large answer', { '/upload': okText(LARGE) }, 200],
    ['a small answer', { '/upload': okText('small') }, 200],
    ['a problem', { '/upload': 'no HTTP\r\n\r\n' }, 502],
  ])('are not told to continue once they have %s', async (_title, answers, status) => {
    await start(answers);
    client.write(get('/slow') + expecting(4));
    await eventually(() => slow);
    client.write('abcd');
    await reached('/upload');
    await onlySlowIsOpen();
    answerSlow();
    await ended;
    const [first, second, ...more] = answersIn(seen);
    expect([first, second?.status, more]).toEqual([{ status: 200, body: 'first' }, status, []]);
    if (status === 200) expect([LARGE, 'small']).toContain(second?.body);
    // Never told to go on, a client may or may not have sent the body: nobody can tell where the next request begins.
    expect(seen.match(/\r\nConnection: close\r\n/gi)).toHaveLength(1);
  });

  it('are told to continue when their turn comes, and not before', async () => {
    await start({ '/upload': okText(LARGE) });
    client.write(get('/slow') + expecting(4));
    await bothAreOpen();
    answerSlow();
    await eventually(() => seen.endsWith(CONTINUE));
    client.write('abcd' + get('/third'));
    await eventually(() => seen.endsWith('{}'));
    expect(answersIn(seen)).toEqual([
      { status: 200, body: 'first' },
      { status: 100, body: '' },
      { status: 200, body: LARGE },
      { status: 200, body: '{}' },
    ]);
  });

  it('close their connection where they are answered before their body has come', async () => {
    await start({}, { BODY_IDLE_TIMEOUT_SECONDS: '1' });
    client.write(get('/slow') + expecting(4));
    await bothAreOpen();
    await onlySlowIsOpen();
    answerSlow();
    await ended;
    expect(answersIn(seen).map((answer) => answer.status)).toEqual([200, 408]);
    expect(seen).toMatch(/408[^]*\r\nConnection: close\r\n/i);
  });

  it.each([
    ['103', 'HTTP/1.1 103 Early Hints\r\nLink: </x>; rel=preload\r\n\r\n'],
    ['102', 'HTTP/1.1 102 Processing\r\n\r\n'],
  ])("get MLflow's answer without its %s", async (_status, hint) => {
    await start({ '/hinted': hint + okText(LARGE) });
    client.write(get('/slow') + get('/hinted'));
    await reached('/hinted');
    await onlySlowIsOpen();
    answerSlow();
    await eventually(() => answersIn(seen).length === 2 && seen.endsWith('B'));
    expect(answersIn(seen)).toEqual([
      { status: 200, body: 'first' },
      { status: 200, body: LARGE },
    ]);
  });
});
