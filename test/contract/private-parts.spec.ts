import express, { type Express } from 'express';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { eventually } from '../support/lib/eventually.js';

/** One test for each private part of Node and Express in use: docs/decisions/0018-private-parts-of-node-and-express.md. */
describe('private parts that the servers rely on', () => {
  let server: Server;
  afterEach(() => {
    server.close();
    server.closeAllConnections();
  });

  async function listen(
    handler: (request: IncomingMessage, response: ServerResponse) => void,
    event: 'request' | 'checkContinue' = 'request',
  ): Promise<Socket> {
    server = createServer().on(event, handler).listen(0, '127.0.0.1');
    await once(server, 'listening');
    return connect((server.address() as AddressInfo).port, '127.0.0.1');
  }

  it('socket._httpMessage is the answer whose turn it is, and null between answers', async () => {
    const answers: ServerResponse[] = [];
    const client = await listen((_request, response) => void answers.push(response));
    let connection: (Socket & { _httpMessage?: ServerResponse | null }) | undefined;
    server.on('connection', (socket: Socket) => (connection = socket));
    const request = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n';
    client.write(request + request);
    await eventually(() => answers.length === 2);
    expect(connection?._httpMessage === answers[0]).toBe(true);
    answers[0]?.end('first');
    await eventually(() => connection?._httpMessage === answers[1]);
    answers[1]?.end('second');
    await eventually(() => !connection?._httpMessage);
    client.destroy();
  });

  it.each([
    ['one by one', (response: ServerResponse) => response.setHeader('content-length', 2)],
    ['as a flat list', (response: ServerResponse) => response.writeHead(200, ['content-length', '2'])],
  ])('response._header is the head as it was sent, with headers set %s', async (_how, set) => {
    let head: string | undefined;
    const client = await listen((_request, response) => {
      set(response);
      response.flushHeaders();
      head = (response as { _header?: string })._header;
      response.end('ok');
    });
    client.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
    await once(client, 'data');
    expect(head).toMatch(/^HTTP\/1\.1 200 OK\r\n[\s\S]*content-length: 2\r\n/);
    client.destroy();
  });

  it('request._read is called when a body is first wanted, and not before', async () => {
    let reads = 0;
    let readBefore = -1;
    const client = await listen((request, response) => {
      const read = request._read.bind(request);
      request._read = (size) => {
        if (reads++ === 0) response.writeContinue();
        read(size);
      };
      setImmediate(() => {
        readBefore = reads;
        request.resume().on('end', () => response.end('read'));
      });
    }, 'checkContinue');
    client.write('POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n');
    const [first] = (await once(client, 'data')) as [Buffer];
    expect(first.toString()).toMatch(/^HTTP\/1\.1 100 /);
    expect([readBefore, reads > 0]).toEqual([0, true]);
    client.write('ok');
    const [second] = (await once(client, 'data')) as [Buffer];
    expect(second.toString()).toMatch(/^HTTP\/1\.1 200 /);
    client.destroy();
  });

  it('app.router.stack has a layer for each route, which tells its path, its methods and what it matches', async () => {
    server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const app: Express = express();
    app.get('/a/:id', () => undefined);
    const { stack } = app.router as unknown as {
      stack: { match(path: string): unknown; route?: { path: string; methods: Record<string, boolean> } }[];
    };
    const layer = stack.find(({ route }) => route?.path === '/a/:id');
    expect({ ...layer?.route?.methods }).toEqual({ get: true });
    expect([Boolean(layer?.match('/a/1')), Boolean(layer?.match('/b'))]).toEqual([true, false]);
  });
});
