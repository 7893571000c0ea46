import type { OnApplicationShutdown } from '@nestjs/common';
import { Counter, Gauge, Registry } from 'prom-client';
import { Clock } from './clock.js';
import { errorFields, Logger } from './logger.js';
import {
  newConnection,
  type RedisClient,
  type RedisConnection,
  type RedisOptions,
} from './redis-connection.js';
import { RedisSubscription } from './redis-subscription.js';

export type { RedisClient } from './redis-connection.js';

/** Redis did not answer, or not in time. Callers turn it into their declared behaviour. */
export class RedisUnavailableError extends Error {
  override readonly name = 'RedisUnavailableError';
}

const PROBE_INTERVAL_MS = 1000;
/** Unanswered probes in a row after which an open connection is taken for a dead one. */
const PROBES_BEFORE_RESET = 10;

/**
 * The program's connection to Redis. Every command has a deadline and none is queued while the
 * connection is down. After a missed deadline the link rests: commands fail at once, until the one
 * probe a second, which no request waits for, is answered in time again. So a lost, paused or
 * black-holed Redis costs each request one deadline at most, and nearly all of them nothing.
 */
export class RedisLink implements OnApplicationShutdown {
  private readonly connection: RedisConnection;
  private readonly subscriptions: RedisSubscription[] = [];
  private readonly failures: Counter;
  private readonly probe: NodeJS.Timeout;
  private resting = false;
  private unanswered = 0;
  private troubled = false;

  constructor(
    private readonly url: string,
    private readonly options: RedisOptions,
    registry: Registry,
    private readonly logger: Logger,
    readonly clock: Clock,
  ) {
    this.connection = newConnection(url, options, {
      ready: () => this.wake(),
      error: (error) => this.lost(error),
    });
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
    this.probe = setInterval(() => void this.probeOnce(), PROBE_INTERVAL_MS);
    this.probe.unref();
  }

  /** The client itself, for libraries that want one; it stays the same for the life of the link. */
  get client(): RedisClient {
    return this.connection.client;
  }

  /** Starts connecting; never waits for it, because the program must start without Redis. */
  connect(): void {
    this.connection.open();
  }

  /** Whether a command would be sent at all; false costs nothing to ask. */
  get usable(): boolean {
    return !this.resting && this.connection.ready;
  }

  /** Deadline of every command, in milliseconds. */
  get commandTimeoutMs(): number {
    return this.options.commandTimeoutMs;
  }

  /**
   * Runs one command under the deadline.
   *
   * @param command name for metrics, such as `rate_limit`
   * @throws RedisUnavailableError when Redis is not connected, resting after a missed deadline, too slow, or refuses
   */
  async run<T>(command: string, work: (client: RedisClient) => Promise<T>): Promise<T> {
    if (!this.connection.ready) throw this.failed(command, 'disconnected');
    if (this.resting) throw this.failed(command, 'resting');
    return this.underDeadline(command, work);
  }

  /**
   * Listens on a channel, on a connection of its own, for as long as the link lives.
   *
   * @param handler gets every message; what it throws is logged and goes no further
   * @param onReconnect called each time messages may have been missed: whenever the subscription stands
   *   again after a break, also when the first one stood only after a failure
   */
  subscribe(channel: string, handler: (message: string) => void, onReconnect: () => void): void {
    const subscription = new RedisSubscription(this.url, this.options, this, this.logger, {
      channel,
      handler,
      onReconnect,
    });
    this.subscriptions.push(subscription);
    subscription.open();
  }

  async onApplicationShutdown(): Promise<void> {
    clearInterval(this.probe);
    await Promise.all(this.subscriptions.map((subscription) => subscription.close()));
    await this.connection.close();
  }

  private async underDeadline<T>(command: string, work: (client: RedisClient) => Promise<T>): Promise<T> {
    let timer: NodeJS.Timeout | undefined;
    const deadline = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => {
        // After a busy spell timers run before sockets are read: look once at what has already arrived.
        setImmediate(() => {
          reject(new DeadlineMissed());
        });
      }, this.options.commandTimeoutMs);
    });
    try {
      return await Promise.race([work(this.connection.client), deadline]);
    } catch (error) {
      if (error instanceof DeadlineMissed) {
        this.rest();
        throw this.failed(command, 'deadline');
      }
      this.connection.refresh();
      throw this.failed(command, 'error', error);
    } finally {
      clearTimeout(timer);
    }
  }

  /** The heartbeat: finds a silent Redis before a request does, and its recovery without one. */
  private async probeOnce(): Promise<void> {
    try {
      if (!this.connection.ready) throw this.failed('probe', 'disconnected');
      await this.underDeadline('probe', () => this.connection.ping());
      this.wake();
    } catch {
      if (++this.unanswered < PROBES_BEFORE_RESET) return;
      this.unanswered = 0;
      this.connection.reset();
    }
  }

  private rest(): void {
    if (!this.resting) this.logger.warn('redis_unresponsive', { deadline_ms: this.options.commandTimeoutMs });
    this.resting = true;
    this.troubled = true;
  }

  private wake(): void {
    this.resting = false;
    this.unanswered = 0;
    if (this.troubled) this.logger.info('redis_connection_restored');
    this.troubled = false;
  }

  private lost(error: unknown): void {
    if (!this.troubled) this.logger.error('redis_connection_lost', errorFields(error));
    this.troubled = true;
  }

  private failed(command: string, cause: string, error?: unknown): RedisUnavailableError {
    this.failures.inc({ command, cause });
    return new RedisUnavailableError(`Redis ${command}: ${cause}`, { cause: error });
  }
}

class DeadlineMissed extends Error {}
