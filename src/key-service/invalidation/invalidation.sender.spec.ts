import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { AdminAuthConfig } from '../config/admin-auth.config.js';
import { InvalidationConfig } from '../config/invalidation.config.js';
import { HttpInvalidationSender } from './invalidation.sender.js';

let gateway: Server;
let bodies: unknown[];
let statusFor: (body: { key_id?: string; key_ids?: string[] }) => number;
let send: (keyIds: readonly string[]) => Promise<void>;

beforeEach(async () => {
  bodies = [];
  gateway = createServer((request, response) => {
    void text(request).then((said) => {
      const body = JSON.parse(said) as { key_id?: string };
      bodies.push(body);
      response.writeHead(statusFor(body)).end();
    });
  });
  await new Promise<void>((resolve) => gateway.listen(0, '127.0.0.1', resolve));
  const config = Object.assign(new InvalidationConfig(), {
    timeoutMs: 5000,
    gatewayAdminTokens: ['a-token'],
  });
  const sender = new HttpInvalidationSender(config, new AdminAuthConfig());
  const url = `http://127.0.0.1:${(gateway.address() as AddressInfo).port}/`;
  send = (keyIds) => sender.send(url, keyIds);
});
afterEach(() => new Promise((resolve) => gateway.close(resolve)));

describe('what a gateway is told of keys', () => {
  it('is taken where it answers so, many keys at once', async () => {
    statusFor = () => 202;
    await send(['a']);
    await send(['a', 'b']);
    expect(bodies).toEqual([{ key_id: 'a' }, { key_ids: ['a', 'b'] }]);
  });

  it.each([401, 404, 500])('is not taken with status %d, be it one key or many', async (status) => {
    statusFor = () => status;
    for (const keyIds of [['a'], ['a', 'b']])
      await expect(send(keyIds)).rejects.toThrow(`answered ${status}`);
  });

  it('is sent key by key to a gateway that accepts no lists, and succeeds only if each key was accepted', async () => {
    statusFor = ({ key_ids: list }) => (list ? 400 : 202);
    await send(['a', 'b']);
    expect(bodies).toHaveLength(3);
    statusFor = ({ key_id: one }) => (one === 'b' ? 500 : one === undefined ? 400 : 202);
    await expect(send(['a', 'b'])).rejects.toThrow('answered 500');
  });
});
