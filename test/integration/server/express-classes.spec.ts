import express from 'express';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expressClasses } from '../../../src/platform/http/express-classes.js';
import { startOwnHeaders } from '../../../src/platform/http/own-headers.js';

describe('requests and responses that are born with the prototypes of Express', () => {
  let server: Server;
  const app = express().disable('x-powered-by');
  const url = (path: string): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`;
  const prototypes = new Set<unknown>();
  beforeAll(async () => {
    const classes = expressClasses(app, () => false);
    app.get('/json', (request, response) => {
      prototypes.add(Object.getPrototypeOf(request)).add(Object.getPrototypeOf(response));
      response.status(201).json({ path: request.path, host: request.get('host') });
    });
    app.get(
      '/head',
      (_request, response) => void response.writeHead(202, 'Fine', ['X-A', '1', 'X-A', '2']).end('x'),
    );
    app.get('/object', (_request, response) => void response.writeHead(203, { 'x-own': 'mine' }).end('x'));
    server = createServer(classes, (request, response) => {
      prototypes.add(Object.getPrototypeOf(request)).add(Object.getPrototypeOf(response));
      startOwnHeaders(response, ['x-own', 'server']);
      app(request, response);
    }).listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
  });
  afterAll(() => server?.close());

  it("Express's methods work, own headers go along, and no prototype ever changes", async () => {
    const answer = await fetch(url('/json'));
    expect([answer.status, answer.headers.get('x-own')]).toEqual([201, 'server']);
    expect(await answer.json()).toMatchObject({ path: '/json' });
    expect(prototypes.size).toBe(2);
  });

  it('a head from a flat list keeps its text, its repetitions and the own headers', async () => {
    const answer = await fetch(url('/head'));
    expect([answer.status, answer.statusText, answer.headers.get('x-a')]).toEqual([202, 'Fine', '1, 2']);
    expect(answer.headers.get('x-own')).toBe('server');
  });

  it('what the writer says itself stands', async () => {
    expect((await fetch(url('/object'))).headers.get('x-own')).toBe('mine');
  });

  it('an unknown path has the own headers too', async () => {
    const answer = await fetch(url('/nowhere'));
    expect([answer.status, answer.headers.get('x-own')]).toEqual([404, 'server']);
  });
});
