import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { eventually } from '../../support/lib/eventually.js';
import { startRedisServer, type RedisServer } from '../../support/servers/redis-server.js';
import { tempDir } from '../../support/lib/temp-dir.js';
import { newLink, newsOver } from './link.js';

const run = promisify(execFile);

describe('Redis over TLS', () => {
  let dir: Awaited<ReturnType<typeof tempDir>>;
  let server: RedisServer;
  let caFile: string;

  beforeAll(async () => {
    dir = await tempDir('redis-tls');
    caFile = join(dir.path, 'cert.pem');
    const keyFile = join(dir.path, 'key.pem');
    // Signed by itself, for the address that the test server has.
    const subject = ['-subj', '/CN=redis.test', '-addext', 'subjectAltName=IP:127.0.0.1'];
    const pair = ['-newkey', 'rsa:2048', '-nodes', '-keyout', keyFile, '-out', caFile, '-days', '2'];
    await run('openssl', ['req', '-x509', ...pair, ...subject]);
    server = await startRedisServer({
      password: 'a-secret-of-redis',
      tls: { certFile: caFile, keyFile, caFile },
    });
  });
  afterAll(async () => {
    await server?.close();
    await dir?.remove();
  });

  it('is trusted by the authority in REDIS_TLS_CA_FILE', async () => {
    const { link, close } = newLink(server.url, { tlsCaFile: caFile });
    await eventually(() => link.usable);
    await link.run('set', (client) => client.set('a', '1'));
    expect(await link.run('get', (client) => client.get('a'))).toBe('1');
    await close();
  });

  it('is not trusted without it', async () => {
    const { link, logs, close } = newLink(server.url);
    await eventually(() => logs.of('redis_connection_lost').length > 0);
    expect(link.usable).toBe(false);
    expect(logs.raw).not.toContain('a-secret-of-redis');
    await close();
  });

  it('carries subscriptions too', async () => {
    const { link, close } = newLink(server.url, { tlsCaFile: caFile });
    const messages = await newsOver(link);
    await eventually(async () => {
      await link.run('publish', (client) => client.publish('news', 'one'));
      return messages.length > 0;
    });
    await close();
  });
});
