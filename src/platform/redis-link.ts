import type { OnApplicationShutdown } from '@nestjs/common';
import { Counter, Gauge, Registry } from 'prom-client';
import { createClient, type RedisClientType } from 'redis';
import type { RedisConfig } from './config/redis.config.js';
import { Clock } from './clock.js';
import { errorFields, Logger } from './logger.js';

/** Redis did not answer, or not in time. Callers turn it into their declared behaviour. */
export class RedisUnavailableError extends Error {
  override readonly name = 'RedisUnavailableError';
}

export type RedisClient = RedisClientType;

const CONNECT_TIMEOUT_MS = 2000;
const RECONNECT_MAX_MS = 1000;
/** After a missed deadline, commands fail at once for this long; then one is let through as a probe. */
const REST_MS = 1000;

/**
 * The program's connection to Redis. Every command has a deadline and none is queued while the
 * connection is down, so that a lost, paused or black-holed Redis costs milliseconds, once a second.
 */
export class RedisLink implements OnApplicationShutdown {
  readonly client: RedisClient;
  private readonly failures: Counter;
  private restUntilMs = 0;
  private closed = false;

  constructor(
    url: string,
    private readonly config: Pick<RedisConfig, 'commandTimeoutMs'>,
    registry: Registry,
    private readonly logger: Logger,
    private readonly clock: Clock,
  ) {
    this.client = createClient({
      url,
      disableOfflineQueue: true,
      socket: {
        connectTimeout: CONNECT_TIMEOUT_MS,
        reconnectStrategy: (retries) => Math.min(RECONNECT_MAX_MS, 50 * 2 ** Math.min(retries, 5)),
      },
    }) as RedisClient;
    this.failures = new Counter({
      name: 'redis_command_failures_total',
      help: 'Redis commands that failed, by what became of them',
      labelNames: ['command', 'cause'],
      registers: [registry],
    });
    const up = (): boolean => this.usable;
    new Gauge({
      name: 'redis_up',
      help: 'Whether the connection to Redis is usable (1) or not (0)',
      registers: [registry],
      collect() {
        this.set(up() ? 1 : 0);
      },
    });
    let reported = false;
    this.client.on('error', (error: unknown) => {
      if (!reported) this.logger.error('redis_connection_lost', errorFields(error));
      reported = true;
    });
    this.client.on('ready', () => {
      this.restUntilMs = 0;
      if (reported) this.logger.info('redis_connection_restored');
      reported = false;
    });
  }

  /** Starts connecting; never waits for it, because the program must start without Redis. */
  connect(): void {
    this.client.connect().catch((error: unknown) => {
      if (!this.closed) this.logger.error('redis_connect_failed', errorFields(error));
    });
  }

  get usable(): boolean {
    return this.client.isReady && this.clock.monotonicMs() >= this.restUntilMs;
  }

  /**
   * Runs one command under the deadline.
   *
   * @param command name for metrics, such as `rate_limit`
   * @throws RedisUnavailableError when Redis is not connected, resting after a missed deadline, or too slow
   */
  async run<T>(command: string, work: (client: RedisClient) => Promise<T>): Promise<T> {
    if (!this.client.isReady) throw this.failed(command, 'disconnected');
    const now = this.clock.monotonicMs();
    if (now < this.restUntilMs) throw this.failed(command, 'resting');
    let timer: NodeJS.Timeout | undefined;
    try {
      return await Promise.race([
        work(this.client),
        new Promise<never>((_resolve, reject) => {
          timer = setTimeout(() => {
            this.restUntilMs = this.clock.monotonicMs() + REST_MS;
            reject(this.failed(command, 'deadline'));
          }, this.config.commandTimeoutMs);
        }),
      ]);
    } catch (error) {
      if (error instanceof RedisUnavailableError) throw error;
      throw this.failed(command, 'error', error);
    } finally {
      clearTimeout(timer);
    }
  }

  async onApplicationShutdown(): Promise<void> {
    this.closed = true;
    await this.client.disconnect().catch(() => undefined);
  }

  private failed(command: string, cause: string, error?: unknown): RedisUnavailableError {
    this.failures.inc({ command, cause });
    return new RedisUnavailableError(`Redis ${command}: ${cause}`, { cause: error });
  }
}
