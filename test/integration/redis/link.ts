import { Registry } from 'prom-client';
import { SystemClock } from '../../../src/platform/clock.js';
import { JsonLogger } from '../../../src/platform/logging/logger.js';
import type { RedisOptions } from '../../../src/platform/redis/redis-connection.js';
import { RedisLink } from '../../../src/platform/redis/redis-link.js';
import { eventually } from '../../support/lib/eventually.js';
import { LogCapture } from '../../support/lib/log-capture.js';

/** Messages that come over a link on the channel `news`, from when it can be used. */
export async function newsOver(link: RedisLink): Promise<string[]> {
  const messages: string[] = [];
  link.subscribe(
    'news',
    (message) => messages.push(message),
    () => undefined,
  );
  await eventually(() => link.usable);
  return messages;
}

/** A link with its own registry and log. */
export function newLink(url: string, options: Partial<RedisOptions> = {}) {
  const logs = new LogCapture();
  const registry = new Registry();
  const redis = { commandTimeoutMs: 1000, ...options };
  const link = new RedisLink(url, redis, registry, new JsonLogger('info', logs), new SystemClock());
  link.connect();
  return { link, logs, registry, close: () => link.onApplicationShutdown() };
}
