import { createProxyMiddleware } from 'http-proxy-middleware';
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/**
 * The gateway puts its own transport in the place of the proxy's. Nothing but these tests says that
 * the next version still lets it: read them before changing the pinned one.
 */
describe('http-proxy-middleware, as the gateway uses it', () => {
  const servers: Server[] = [];
  afterEach(() => {
    for (const server of servers.splice(0)) {
      server.close();
      server.closeAllConnections();
    }
  });
  async function listen(
    handler: (request: IncomingMessage, response: ServerResponse) => void,
  ): Promise<string> {
    const server = createServer(handler).listen(0, '127.0.0.1');
    servers.push(server);
    await new Promise((resolve) => server.once('listening', resolve));
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  it('is the exact version that this was tried with', () => {
    const manifest = new URL('../../node_modules/http-proxy-middleware/package.json', import.meta.url);
    expect((JSON.parse(readFileSync(manifest, 'utf8')) as { version: string }).version).toBe('4.2.1');
    const own = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
      dependencies: Record<string, string>;
    };
    expect(own.dependencies['http-proxy-middleware']).toBe('4.2.1');
  });

  it('a plugin that sets `web` takes the place of its own transport', async () => {
    let reached = 0;
    const target = await listen((_request, response) => {
      reached++;
      response.end('own transport');
    });
    let started = 0;
    const proxy = createProxyMiddleware({
      target: new URL(target),
      ejectPlugins: true,
      plugins: [
        (server) => {
          server.on('start', () => started++);
          server.web = async (_request, response) => {
            response.end('plugin');
          };
        },
      ],
    });
    const url = await listen((request, response) => void proxy(request, response));
    expect(await (await fetch(url)).text()).toBe('plugin');
    expect([started, reached]).toEqual([0, 0]);
  });

  it('with no path to look at and no filter takes every request, and parses nothing', async () => {
    const proxy = createProxyMiddleware({
      target: new URL('http://127.0.0.1:9'),
      pathFilter: '',
      ejectPlugins: true,
      plugins: [
        (server) => {
          server.web = async (request, response) => {
            response.end(`plugin ${request.url}`);
          };
        },
      ],
    });
    const next: unknown[] = [];
    const url = await listen((request, response) => {
      request.url = '';
      void proxy(request, response, (error) => next.push(error));
    });
    expect(await (await fetch(`${url}/m/%zz`)).text()).toBe('plugin ');
    expect(next).toEqual([]);
  });

  it('hands over the request unchanged: target and raw headers byte for byte, body unread', async () => {
    let seen: { url: string | undefined; raw: string[]; flowing: boolean | null } | undefined;
    const proxy = createProxyMiddleware({
      target: new URL('http://127.0.0.1:9'),
      ejectPlugins: true,
      plugins: [
        (server) => {
          server.web = async (request, response) => {
            const { url, rawHeaders, readableFlowing } = request;
            seen = { url, raw: [...rawHeaders], flowing: readableFlowing };
            response.end();
          };
        },
      ],
    });
    const url = await listen((request, response) => void proxy(request, response));
    await fetch(`${url}/m//a%2Fb;p?x=1&x=2&`, { method: 'DELETE', body: 'abc', headers: { 'X-One': '1' } });
    expect(seen).toMatchObject({ url: '/m//a%2Fb;p?x=1&x=2&', flowing: null });
    expect(seen!.raw.map((part) => part.toLowerCase())).toEqual(
      expect.arrayContaining(['x-one', 'content-length']),
    );
  });

  it('what `web` throws comes to the caller, where nobody listens for errors of the proxy', async () => {
    const proxy = createProxyMiddleware({
      target: new URL('http://127.0.0.1:9'),
      ejectPlugins: true,
      plugins: [
        (server) => {
          server.web = async () => {
            throw new Error('thrown');
          };
        },
      ],
    });
    const next: unknown[] = [];
    const url = await listen((request, response) => {
      proxy(request, response, (error) => next.push(error)).catch((error: Error) =>
        response.writeHead(500).end(error.message),
      );
    });
    const answer = await fetch(url);
    expect(answer.status).toBe(500);
    expect(await answer.text()).toContain('thrown');
    expect(next).toEqual([]);
  });
});
