import { eventually } from '../../support/lib/eventually.js';
import { startRedisServer, type RedisServer } from '../../support/servers/redis-server.js';
import { newLink } from './link.js';
import { startStallingRelay } from './stalling-relay.js';

describe('a subscription', () => {
  let server: RedisServer;
  const closing: (() => Promise<void>)[] = [];
  beforeEach(async () => {
    server = await startRedisServer();
  });
  afterEach(async () => {
    for (const close of closing.splice(0)) await close();
    await server?.close();
  });

  function subscribed(url: string) {
    const parts = newLink(url);
    closing.push(parts.close);
    const messages: string[] = [];
    const breaks = { count: 0 };
    parts.link.subscribe(
      'news',
      (message) => {
        if (message === 'bad') throw new Error('a handler that fails');
        messages.push(message);
      },
      () => breaks.count++,
    );
    return { ...parts, messages, breaks };
  }

  /** Publishes until it arrives: a subscription stands a moment after its connection does. */
  async function arrives(
    publisher: { link: ReturnType<typeof newLink>['link'] },
    messages: string[],
    word: string,
  ) {
    await eventually(
      async () => {
        await publisher.link.run('publish', (client) => client.publish('news', word));
        return messages.includes(word);
      },
      { timeoutMs: 20_000, what: `the message ${word}` },
    );
  }

  it('hands over every message, and survives a handler that throws', async () => {
    const { link, messages, breaks, logs } = subscribed(server.url);
    await eventually(() => link.usable);
    await arrives({ link }, messages, 'one');
    await link.run('publish', (client) => client.publish('news', 'bad'));
    await arrives({ link }, messages, 'two');
    expect(logs.of('redis_subscriber_failed')).toHaveLength(1);
    expect(breaks.count).toBe(0);
  });

  it('says when messages may have been missed, after every break', async () => {
    const { link, messages, breaks } = subscribed(server.url);
    await eventually(() => link.usable);
    await arrives({ link }, messages, 'one');
    for (const round of [1, 2]) {
      await server.kill();
      await eventually(() => !link.usable);
      await server.start();
      await eventually(() => link.usable);
      await eventually(() => breaks.count === round);
      await arrives({ link }, messages, `after-${round}`);
    }
    expect(breaks.count).toBe(2);
  });

  it('says so too where Redis came later than the program', async () => {
    await server.stop();
    const { link, messages, breaks, logs } = subscribed(server.url);
    await eventually(() => logs.of('redis_connection_lost').length > 0);
    await server.start();
    await eventually(() => link.usable && breaks.count === 1);
    await arrives({ link }, messages, 'late');
  });

  it('does not stay deaf on a connection that died without a word', async () => {
    const relay = await startStallingRelay(server.port);
    closing.push(() => relay.close());
    const { messages, breaks, link, logs } = subscribed(`redis://127.0.0.1:${relay.port}`);
    const other = newLink(server.url);
    closing.unshift(other.close);
    await eventually(() => link.usable && other.link.usable);
    await arrives(other, messages, 'one');
    relay.stall();
    await arrives(other, messages, 'two').catch(() => arrives(other, messages, 'two'));
    expect(breaks.count).toBeGreaterThanOrEqual(1);
    expect(logs.of('redis_subscription_silent').length).toBeGreaterThanOrEqual(1);
  });
});
