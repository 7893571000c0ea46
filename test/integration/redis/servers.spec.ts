import { createClient } from 'redis';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { eventually } from '../../support/lib/eventually.js';
import { startRedisServer, type RedisServer } from '../../support/servers/redis-server.js';
import { startProgram } from '../../support/programs/child-program.js';
import { freePort } from '../../support/programs/free-port.js';
import { tempDir } from '../../support/lib/temp-dir.js';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { newLink } from './link.js';

/** Whether this machine has a loopback address of IPv6. */
async function hasIpv6(): Promise<boolean> {
  const server = createServer();
  return new Promise((resolve) => {
    server.on('error', () => resolve(false));
    server.listen(0, '::1', () =>
      server.close(() => resolve((server.address() as AddressInfo | null) === null)),
    );
  });
}

describe('a Redis by its address', () => {
  let server: RedisServer;
  let ipv6: boolean;
  beforeAll(async () => {
    ipv6 = await hasIpv6();
    const config = ipv6 ? ['bind 127.0.0.1 ::1', 'protected-mode no'] : [];
    server = await startRedisServer({ password: 'p@ss/word#%', config });
  });
  afterAll(() => server.close());

  it.each(['[::1]', '[0:0:0:0:0:0:0:1]', '[::ffff:127.0.0.1]', '[::FFFF:7f00:1]', '127.0.0.1', 'localhost'])(
    'is reached as %s, with user, password and database',
    async (host) => {
      // Without IPv6 the name of the mapped and the plain addresses alone can be tried.
      if (!ipv6 && host.startsWith('[')) return;
      const url = `redis://default:${encodeURIComponent('p@ss/word#%')}@${host}:${server.port}/3`;
      const { link, close } = newLink(url);
      await eventually(() => link.usable);
      expect(await link.run('set', (client) => client.set('host', host))).toBe('OK');
      await close();
      const client = createClient({ url: `${server.url}/3` });
      await client.connect();
      expect(await client.get('host')).toBe(host);
      await client.disconnect();
    },
  );

  it('is asked for its eviction policy', async () => {
    const { link, logs, close } = newLink(server.url);
    await eventually(() => link.usable);
    await eventually(() => link.evictionPolicy === 'noeviction');
    expect(logs.of('redis_may_evict')).toEqual([]);
    await close();
    await link.onApplicationShutdown();
    const client = createClient({ url: server.url });
    await client.connect();
    await client.sendCommand(['CONFIG', 'SET', 'maxmemory-policy', 'allkeys-lru']);
    await client.disconnect();
    const other = newLink(server.url);
    await eventually(() => other.logs.of('redis_may_evict').length === 1);
    expect(other.logs.of('redis_may_evict')).toMatchObject([{ policy: 'allkeys-lru' }]);
    expect(other.link.usable).toBe(true);
    await other.close();
  });
});

it('a Sentinel is refused as a Redis, though it answers', async () => {
  const dir = await tempDir('sentinel');
  const port = await freePort();
  const file = join(dir.path, 'sentinel.conf');
  await writeFile(file, `port ${port}\nbind 127.0.0.1\ndir ${dir.path}\n`);
  const sentinel = startProgram('redis-server', [file, '--sentinel']);
  const { link, logs, close } = newLink(`redis://127.0.0.1:${port}`);
  await eventually(() => logs.of('redis_unsuitable').length === 1, { timeoutMs: 20_000 });
  expect([link.usable, link.state]).toEqual([false, 'unsuitable']);
  await expect(link.run('get', (client) => client.get('a'))).rejects.toThrow('unsuitable');
  await close();
  await sentinel.stop();
  await dir.remove();
});
