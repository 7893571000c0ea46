import { connect } from 'node:net';
import { startAuthSetup, type AuthSetup } from '../auth/setup.js';

const CLIENTS = 400;

/** Sends a request and resets its connection at once: often it is gone before it is read. */
function sendAndVanish(port: number, n: number): Promise<void> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.write(`GET /mlflow/x HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer unknown-${n}\r\n\r\n`, () => {
        socket.resetAndDestroy();
        setImmediate(resolve);
      });
    });
    socket.on('error', () => resolve());
  });
}

describe('clients that are gone before their request is read', () => {
  let setup: AuthSetup;
  beforeAll(async () => {
    setup = await startAuthSetup({ env: { AUTH_CONTRACT: 'body' } });
  });
  afterAll(() => setup?.close());

  it('still have an address, for the auth service and for the limit of refused keys', async () => {
    const port = Number(new URL(setup.gateway.url).port);
    for (let n = 0; n < CLIENTS; n += 20)
      await Promise.all(Array.from({ length: 20 }, (_, i) => sendAndVanish(port, n + i)));
    // One that stays: what came before it has been looked at.
    await fetch(`${setup.gateway.url}/mlflow/x`, { headers: { authorization: 'Bearer one-that-stays' } });
    const addresses = setup.auth.calls.map(({ body }) => body.client_ip);
    expect(addresses.length).toBeGreaterThan(0);
    expect(new Set(addresses)).toEqual(new Set(['127.0.0.1']));
    expect(new Set(setup.gateway.logs.of('request').map((line) => line['client_ip']))).toEqual(
      new Set(['127.0.0.1']),
    );
  });
});
