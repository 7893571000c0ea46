import { eventually } from '../../support/lib/eventually.js';
import { startRedisServer, type RedisServer } from '../../support/servers/redis-server.js';
import { newLink } from './link.js';
import { startStallingRelay } from './stalling-relay.js';

describe('the link to Redis', () => {
  let server: RedisServer;
  let close: (() => Promise<void>) | undefined;
  beforeEach(async () => {
    server = await startRedisServer({ password: 'a-secret-of-redis' });
  });
  afterEach(async () => {
    await close?.();
    close = undefined;
    await server?.close();
  });

  it('misses one deadline on a paused Redis, then fails at once, and wakes when it answers again', async () => {
    const parts = newLink(server.url, { commandTimeoutMs: 40 });
    close = parts.close;
    const { link, logs } = parts;
    await eventually(() => link.usable);
    server.pause();
    const startMs = performance.now();
    await expect(link.run('get', (client) => client.get('a'))).rejects.toThrow('Redis get: deadline');
    expect(performance.now() - startMs).toBeGreaterThanOrEqual(39);
    expect(link.usable).toBe(false);
    let sent = 0;
    const counted = link.run('get', (client) => {
      sent++;
      return client.get('a');
    });
    await expect(counted).rejects.toThrow('Redis get: resting');
    expect(sent).toBe(0);
    server.resume();
    await eventually(() => link.usable, { timeoutMs: 2000 });
    expect(await link.run('get', (client) => client.get('a'))).toBeNull();
    expect(logs.of('redis_unresponsive').length).toBeGreaterThanOrEqual(1);
    expect(logs.of('redis_connection_restored').length).toBeGreaterThanOrEqual(1);
  });

  it('notices a paused Redis before any request does', async () => {
    const { link, close: closeLink } = newLink(server.url, { commandTimeoutMs: 40 });
    close = closeLink;
    await eventually(() => link.usable);
    server.pause();
    await eventually(() => !link.usable, { timeoutMs: 3000 });
    server.resume();
    await eventually(() => link.usable, { timeoutMs: 3000 });
  });

  it('connects again after a restart, and sends nothing twice', async () => {
    const parts = newLink(server.url);
    close = parts.close;
    const { link } = parts;
    await eventually(() => link.usable);
    server.pause();
    const lost = [1, 2, 3].map(() => link.run('incr', (client) => client.incr('n')));
    const settled = Promise.allSettled(lost);
    await server.kill();
    expect((await settled).map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
    await server.start();
    await eventually(() => link.usable);
    expect(await link.run('get', (client) => client.get('n'))).toBeNull();
  });

  it('says in metrics whether Redis is up and what became of commands', async () => {
    const parts = newLink(server.url);
    close = parts.close;
    await eventually(() => parts.link.usable);
    expect(await parts.registry.metrics()).toContain('redis_up 1');
    await expect(parts.link.run('bad', (client) => client.sendCommand(['NOSUCH']))).rejects.toThrow(
      'Redis bad: error',
    );
    await server.kill();
    await eventually(() => !parts.link.usable);
    await expect(parts.link.run('get', (client) => client.get('a'))).rejects.toThrow('disconnected');
    const text = await parts.registry.metrics();
    expect(text).toContain('redis_up 0');
    expect(text).toContain('redis_command_failures_total{command="bad",cause="error"} 1');
    expect(text).toContain('redis_command_failures_total{command="get",cause="disconnected"} 1');
  });

  it('keeps the password out of its log and its errors', async () => {
    const wrong = server.url.replace('a-secret-of-redis', 'another-secret-of-redis');
    const parts = newLink(wrong);
    close = parts.close;
    await eventually(() => parts.logs.of('redis_connection_lost').length > 0);
    const failure = await parts.link.run('get', (client) => client.get('a')).catch((error: unknown) => error);
    expect(`${parts.logs.raw} ${String(failure)}`).not.toContain('secret-of-redis');
  });

  it('gives up a connection that is open and dead, and finds the way back', async () => {
    const relay = await startStallingRelay(server.port);
    const parts = newLink(server.url.replace(String(server.port), String(relay.port)), {
      commandTimeoutMs: 40,
    });
    close = async () => {
      await parts.close();
      await relay.close();
    };
    await eventually(() => parts.link.usable);
    relay.stall();
    await expect(parts.link.run('get', (client) => client.get('a'))).rejects.toThrow('deadline');
    await eventually(() => parts.link.usable, { timeoutMs: 25_000 });
    await expect(parts.link.run('get', (client) => client.get('a'))).resolves.toBeNull();
  });
});
