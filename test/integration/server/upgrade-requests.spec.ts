import { connect } from 'node:net';
import { eventually } from '../../support/lib/eventually.js';
import { startRecordedProxy } from '../proxy/proxy-harness.js';
import { rawRequest } from '../proxy/raw-http.js';

const get = (path: string): string => `GET /mlflow${path} HTTP/1.1\r\nHost: h\r\n\r\n`;

describe('a request that asks for another protocol', () => {
  let h: Awaited<ReturnType<typeof startRecordedProxy>>;
  let finish: (() => void)[];
  beforeEach(async () => {
    h = await startRecordedProxy();
    finish = [];
    h.upstream.answer((_request, response) => {
      finish.push(() => void response.end('done'));
    });
  });
  afterEach(() => h?.close());
  const urls = (): string[] => h.upstream.requests.map((request) => request.url);
  const UPGRADE =
    'Host: h\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMA\r\n';
  const HIDDEN = get('/smuggled');

  it.each<[string, string[]]>([
    ['in the same piece', [`GET /mlflow/x HTTP/1.1\r\n${UPGRADE}\r\n${HIDDEN}`]],
    ['in the next piece', [`GET /mlflow/x HTTP/1.1\r\n${UPGRADE}\r\n`, HIDDEN]],
    [
      'in the body of one whose head is dropped',
      [
        `GET /mlflow/x HTTP/1.1\r\n${UPGRADE}\r\nPOST /mlflow/y HTTP/1.1\r\nHost: h\r\nContent-Length: ${HIDDEN.length}\r\n\r\n`,
        HIDDEN,
      ],
    ],
    [
      'after a body',
      [`POST /mlflow/x HTTP/1.1\r\n${UPGRADE}Content-Length: 3\r\n\r\n`, 'a', `bc${HIDDEN}`, HIDDEN],
    ],
    [
      'after a body in chunks',
      [
        `POST /mlflow/x HTTP/1.1\r\n${UPGRADE}Transfer-Encoding: chunked\r\n\r\n3\r\nab`,
        'c\r\n0\r\n\r\n',
        HIDDEN,
      ],
    ],
  ])('is the last of its connection: nothing runs that comes %s', async (_title, pieces) => {
    const client = connect(h.proxy.port, '127.0.0.1').setNoDelay().setEncoding('latin1');
    let seen = '';
    const ended = new Promise((resolve) => client.on('close', resolve));
    client.on('data', (text: string) => (seen += text)).on('error', () => undefined);
    for (const piece of pieces) {
      await new Promise((resolve) => client.write(piece, resolve));
      // Goes through the same event loop behind the piece: the next one is a segment of its own.
      await fetch(`${h.proxy.url}/health/live`);
    }
    await eventually(() => finish.length > 0);
    for (const each of finish) each();
    await ended;
    expect(urls()).toEqual(['/x']);
    expect(seen).toMatch(/^HTTP\/1\.1 200 /);
    expect(seen).toMatch(/\r\nConnection: close\r\n/i);
    if (pieces[0]!.startsWith('POST')) expect(h.upstream.requests[0]!.body.toString()).toBe('abc');
  });

  it('is answered in its turn, after those before it', async () => {
    h.upstream.answer((_request, response) => void response.end('done'));
    const { statuses, text } = await rawRequest(
      h.proxy.port,
      `${get('/first')}GET /mlflow/x HTTP/1.1\r\n${UPGRADE}\r\n`,
    );
    expect(statuses).toEqual([200, 200]);
    expect(text.match(/\r\nConnection: close\r\n/gi)).toHaveLength(1);
  });

  it('keeps its connection where the protocol is only named, without Connection: upgrade', async () => {
    h.upstream.answer((_request, response) => void response.end('done'));
    const { statuses } = await rawRequest(
      h.proxy.port,
      `GET /mlflow/x HTTP/1.1\r\nHost: h\r\nUpgrade: h2c\r\n\r\n${get('/second').replace('\r\n\r\n', '\r\nConnection: close\r\n\r\n')}`,
    );
    expect(statuses).toEqual([200, 200]);
  });
});
