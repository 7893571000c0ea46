import type { RedisClient, RedisLink } from '../../platform/redis/redis-link.js';
import { readWindowReply } from './window-reply.js';
import type { SharedTake, SharedTaken, SharedWindow, SharedWindows } from './shared-windows.js';
import { windowScript, type Script } from './window-script.js';

export type { SharedTake, SharedTaken, SharedWindow, SharedWindows } from './shared-windows.js';

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
    // The reply is read within the command, so that an unreadable one is counted and logged as a failure of Redis.
    return this.link.run('rate_limit', async (client) =>
      readWindowReply(await this.evaluate(client, options), windows, { want }),
    );
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
