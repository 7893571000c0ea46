import type { Refund, WindowShape } from '../../lib/sliding-window.js';
import { RedisUnavailableError, type RedisClient, type RedisLink } from '../../platform/redis/redis-link.js';
import { windowScript, type Script } from './window-script.js';

/** One window in Redis and its limit. */
export interface SharedWindow {
  /** Names of windows that are taken from together share a `{hash tag}`. */
  readonly name: string;
  readonly shape: WindowShape;
  readonly limit: number;
}

export interface SharedTake {
  readonly want: number;
  readonly refund?: Refund | undefined;
  /** Server time in ms after which the script must not count any more; 0 for none. */
  readonly latestMs?: number;
}

/** The script's answer. */
export interface SharedTaken {
  /** -1: the script ran after `latestMs` and did nothing. */
  readonly granted: number;
  /** The Redis server's wall clock, ms with a fraction. */
  readonly serverMs: number;
  readonly remaining: number[];
  readonly resetMs: number[];
  readonly buckets: number[];
}

/** The windows that all replicas share. */
export interface SharedWindows {
  /** Deadline of a call, ms. */
  readonly timeoutMs: number;
  /** @throws RedisUnavailableError */
  take(windows: readonly SharedWindow[], options: SharedTake): Promise<SharedTaken>;
}

/** They live in Redis: one atomic script, one round trip. */
export class WindowStore implements SharedWindows {
  constructor(
    private readonly link: RedisLink,
    private readonly script: Script = windowScript(),
  ) {}

  get usable(): boolean {
    return this.link.usable;
  }

  get timeoutMs(): number {
    return this.link.commandTimeoutMs;
  }

  async take(
    windows: readonly SharedWindow[],
    { want, refund, latestMs = 0 }: SharedTake,
  ): Promise<SharedTaken> {
    const args = [String(want), String(Math.floor(latestMs)), String(refund?.slots ?? 0)];
    windows.forEach(({ limit, shape }, i) => {
      const bucketMs = shape.windowMs / shape.buckets;
      args.push(String(limit), String(bucketMs), String(shape.buckets), String(refund?.buckets[i] ?? 0));
    });
    const options = { keys: windows.map(({ name }) => name), arguments: args };
    return parseReply(await this.link.run('rate_limit', (client) => this.evaluate(client, options)));
  }

  /** By name; in full where this server has not seen it: after a restart, or on another node of a cluster. */
  private async evaluate(
    client: RedisClient,
    options: { keys: string[]; arguments: string[] },
  ): Promise<unknown> {
    try {
      return await client.evalSha(this.script.sha, options);
    } catch (error) {
      if (!(error instanceof Error) || !error.message.startsWith('NOSCRIPT')) throw error;
      return client.eval(this.script.text, options);
    }
  }
}

function parseReply(reply: unknown): SharedTaken {
  const numbers = reply as number[];
  const every = (offset: number): number[] => numbers.filter((_, i) => i >= 2 && (i - 2) % 3 === offset);
  const [granted, serverMicroseconds] = numbers;
  if (granted === undefined || serverMicroseconds === undefined)
    throw new RedisUnavailableError('Redis rate_limit: unreadable answer');
  return {
    granted,
    serverMs: serverMicroseconds / 1000,
    remaining: every(0),
    resetMs: every(1),
    buckets: every(2),
  };
}
