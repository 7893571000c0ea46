import { request, type ClientRequest, type IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { eventually } from '../../support/lib/eventually.js';
import { startRecordedProxy } from './proxy-harness.js';
import { oneAnswer, rawRequest } from './raw-http.js';

type Harness = Awaited<ReturnType<typeof startRecordedProxy>>;
const MIB = 1024 * 1024;

describe('bodies stream', () => {
  let h: Harness;
  beforeEach(async () => {
    h = await startRecordedProxy({ BODY_IDLE_TIMEOUT_SECONDS: '1' });
  });
  afterEach(() => h?.close());

  const upload = (headers: Record<string, string | number> = {}, path = '/mlflow/up'): ClientRequest =>
    request(h.proxy.url + path, { method: 'PUT', headers });
  const answerOf = (sent: ClientRequest): Promise<IncomingMessage> =>
    new Promise((resolve, reject) => sent.on('response', resolve).on('error', reject));
  const logged = (path: string) =>
    eventually(() => h.proxy.logs.of('request').find((line) => String(line['path']).startsWith(path)));

  it('an upload reaches MLflow piece by piece, before its end', async () => {
    const pieces: string[] = [];
    h.upstream.raw((incoming, response) => {
      incoming.on('data', (chunk: Buffer) => pieces.push(chunk.toString()));
      incoming.on('end', () => response.end('done'));
    });
    const sent = upload();
    const answer = answerOf(sent);
    sent.write('one');
    await eventually(() => pieces.join('') === 'one');
    sent.end('two');
    expect((await answer).statusCode).toBe(200);
    expect(pieces.join('')).toBe('onetwo');
  });

  it('a slow MLflow slows the client: the gateway does not take in what it cannot pass on', async () => {
    h.upstream.raw((incoming) => void incoming.pause());
    const sent = upload({ 'content-length': 64 * MIB });
    sent.on('error', () => undefined);
    let accepted = 0;
    const chunk = Buffer.alloc(MIB);
    const push = (): void => {
      while (accepted < 64 && sent.write(chunk)) accepted++;
      if (accepted < 64) sent.once('drain', () => (accepted++, push()));
    };
    push();
    let before = -1;
    await eventually(() => before === (before = accepted), { intervalMs: 300 });
    expect(accepted).toBeLessThan(24);
    sent.destroy();
  });

  it('a slow client slows MLflow', async () => {
    let written = 0;
    h.upstream.raw((_incoming, response) => {
      const chunk = Buffer.alloc(MIB);
      const push = (): void => {
        while (written < 64 && response.write(chunk)) written++;
        if (written < 64) response.once('drain', () => (written++, push()));
        else response.end();
      };
      push();
    });
    const socket = connect(h.proxy.port, '127.0.0.1');
    socket.write('GET /mlflow/down HTTP/1.1\r\nHost: h\r\n\r\n');
    socket.pause();
    let before = -1;
    await eventually(() => written > 0 && before === (before = written), { intervalMs: 300 });
    expect(written).toBeLessThan(32);
    socket.destroy();
  });

  it('a client that takes nothing is cut after the idle time-out', async () => {
    h.upstream.raw((_incoming, response) => void response.end(Buffer.alloc(64 * MIB)));
    const socket = connect(h.proxy.port, '127.0.0.1');
    const closed = new Promise((resolve) => socket.on('close', resolve));
    socket.on('error', () => undefined);
    socket.write('GET /mlflow/never-read HTTP/1.1\r\nHost: h\r\n\r\n');
    socket.pause();
    const line = await logged('/mlflow/never-read');
    expect(line['status']).toBe(499);
    socket.resume();
    await closed;
  });

  it('a client that stops in mid-upload gets 408, and MLflow is let go', async () => {
    let aborted = false;
    h.upstream.raw((incoming) => void incoming.on('close', () => (aborted = true)).resume());
    const answer = await rawRequest(
      h.proxy.port,
      'PUT /mlflow/stop HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\nabc',
      oneAnswer,
    );
    expect(answer.status).toBe(408);
    await eventually(() => aborted);
    expect(await h.proxy.metric('mlflow_upstream_faults_total{kind="client_stalled"}')).toBe(1);
  });

  it('a slow upload that keeps moving has no total time-out', async () => {
    const sent = upload({ 'content-length': 8 });
    const answer = answerOf(sent);
    let left = 8;
    const timer = setInterval(() => {
      sent.write('x');
      if (--left === 0) clearInterval(timer);
    }, 300);
    expect((await answer).statusCode).toBe(200);
    expect(h.upstream.requests[0]!.body.toString()).toBe('xxxxxxxx');
  });

  it('a client that leaves in mid-upload aborts the request at MLflow and is logged as 499', async () => {
    let aborted = false;
    h.upstream.raw((incoming) => void incoming.on('close', () => (aborted = !incoming.complete)).resume());
    const sent = upload({ 'content-length': 100 }, '/mlflow/leave-up');
    sent.on('error', () => undefined);
    sent.write('abc');
    await eventually(() => h.upstream.requests.length === 1);
    sent.destroy();
    await eventually(() => aborted);
    expect(await logged('/mlflow/leave-up')).toMatchObject({ status: 499, reason: 'client_gone' });
    expect(await h.proxy.metric('mlflow_proxy_client_aborts_total{phase="waiting"}')).toBe(1);
  });

  it.each(['before the answer', 'in mid-answer'])(
    'a client that leaves %s aborts the request at MLflow',
    async (when) => {
      let aborted = false;
      h.upstream.raw((_incoming, response) => {
        response.on('close', () => (aborted = !response.writableFinished));
        if (when === 'in mid-answer') response.write('abc');
      });
      const socket = connect(h.proxy.port, '127.0.0.1');
      socket.write('GET /mlflow/leave-down HTTP/1.1\r\nHost: h\r\n\r\n');
      if (when === 'in mid-answer') await new Promise((resolve) => socket.once('data', resolve));
      else await eventually(() => h.upstream.requests.length === 1);
      socket.destroy();
      await eventually(() => aborted);
      expect(await logged('/mlflow/leave-down')).toMatchObject({ status: 499 });
      const phase = when === 'in mid-answer' ? 'answering' : 'waiting';
      expect(await h.proxy.metric(`mlflow_proxy_client_aborts_total{phase="${phase}"}`)).toBe(1);
      expect(await h.proxy.metric('mlflow_proxy_requests_total{outcome="client_aborted"}')).toBe(1);
    },
  );

  it('a client that left while a guard was asked never reaches MLflow', async () => {
    let go: (() => void) | undefined;
    h.proxy.onGuard = () => new Promise<void>((resolve) => (go = resolve));
    const socket = connect(h.proxy.port, '127.0.0.1');
    socket.write('GET /mlflow/early-leave HTTP/1.1\r\nHost: h\r\n\r\n');
    await eventually(() => go);
    socket.destroy();
    await logged('/mlflow/early-leave');
    go!();
    h.proxy.onGuard = () => undefined;
    await fetch(`${h.proxy.url}/mlflow/after`);
    expect(h.upstream.requests.map((r) => r.url)).toEqual(['/after']);
  });

  it('an early answer to an upload arrives although the client is still sending', async () => {
    h.upstream.raw((_incoming, response) => {
      response.writeHead(413, { 'Content-Length': 2 });
      response.end('no');
    });
    const sent = upload({ 'content-length': 256 * MIB });
    const answered = answerOf(sent);
    const chunk = Buffer.alloc(MIB);
    let stop = false;
    sent.on('error', () => (stop = true));
    const push = (): void => {
      while (!stop && sent.write(chunk));
      sent.once('drain', push);
    };
    push();
    const answer = await answered;
    expect(answer.statusCode).toBe(413);
    const text = await new Promise((resolve) => {
      let all = '';
      answer.on('data', (c: Buffer) => (all += c.toString())).on('end', () => resolve(all));
    });
    expect(text).toBe('no');
    stop = true;
    sent.destroy();
  });

  it('a refused upload is read on for a bounded time only', async () => {
    h.proxy.onGuard = () => Promise.reject(Object.assign(new Error('no'), { status: 413 }));
    const startedAt = performance.now();
    const answer = await rawRequest(
      h.proxy.port,
      'PUT /mlflow/refused HTTP/1.1\r\nHost: h\r\nContent-Length: 1000\r\n\r\nabc',
      () => false,
      9000,
    );
    expect(answer.status).toBe(413);
    const tookMs = performance.now() - startedAt;
    expect(tookMs).toBeGreaterThan(4000);
    expect(tookMs).toBeLessThan(8000);
  });

  it('100 Continue is said when MLflow takes the body, and the upload goes on', async () => {
    const sent = upload({ expect: '100-continue', 'content-length': 3 });
    const continued = new Promise((resolve) => sent.on('continue', resolve));
    const answer = answerOf(sent);
    sent.flushHeaders();
    await continued;
    sent.end('abc');
    expect((await answer).statusCode).toBe(200);
    expect(h.upstream.requests[0]!.body.toString()).toBe('abc');
    expect(h.upstream.requests[0]!.headers.expect).toBeUndefined();
  });

  it('a request refused by its headers is never told to continue, and its connection closes', async () => {
    h.proxy.onGuard = () => Promise.reject(Object.assign(new Error('no'), { status: 413 }));
    const answer = await rawRequest(
      h.proxy.port,
      'PUT /mlflow/x HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 1000\r\n\r\n',
    );
    expect(answer.statuses).toEqual([413]);
    expect(answer.text).toMatch(/connection: close/i);
    expect(h.upstream.requests).toHaveLength(0);
  });

  it('bytes both ways are in the log line', async () => {
    h.upstream.answer((_request, response) => void response.end('12345'));
    await (await fetch(`${h.proxy.url}/mlflow/counted`, { method: 'POST', body: 'abc' })).text();
    expect(await logged('/mlflow/counted')).toMatchObject({
      bytes_in: 3,
      bytes_out: 5,
      status: 200,
      route: expect.stringMatching(/^mlflow_/),
    });
  });
});
