import { Server } from 'node:http';
import { listen, ListenError, urlOf } from './listening.js';

/** A server whose port cannot be had, for the reason with this code. */
function failing(code: string): Server {
  const server = new Server();
  server.listen = () => {
    queueMicrotask(() => server.emit('error', Object.assign(new Error('listen failed'), { code })));
    return server;
  };
  return server;
}

describe('a server that cannot listen', () => {
  it.each([
    ['EADDRINUSE', 'port 80 is already in use; set PORT to a free one'],
    ['EACCES', 'port 80 needs more rights; set PORT to one above 1023'],
    ['EADDRNOTAVAIL', 'cannot listen on HOST and PORT: EADDRNOTAVAIL'],
  ])('says for %s: %s', async (code, sentence) => {
    const failure = listen(failing(code), { host: '127.0.0.1', port: 80 });
    await expect(failure).rejects.toThrow(new ListenError(sentence));
  });
});

describe('the address of a server', () => {
  it.each([
    ['127.0.0.1', 'http://127.0.0.1:8080'],
    ['0.0.0.0', 'http://127.0.0.1:8080'],
    ['::', 'http://[::1]:8080'],
    ['fd00::7', 'http://[fd00::7]:8080'],
    ['gateway.internal', 'http://gateway.internal:8080'],
  ])('that listens on %s is %s', (host, url) => {
    const server = new Server();
    server.address = () => ({ address: host, family: 'IPv4', port: 8080 });
    expect(urlOf(server, host)).toBe(url);
  });
});
