import type { OnApplicationShutdown } from '@nestjs/common';
import { Counter, Gauge, Registry } from 'prom-client';
import { Clock } from '../clock.js';
import { errorFields, Logger } from '../logging/logger.js';
import {
  newConnection,
  type RedisClient,
  type RedisConnection,
  type RedisOptions,
} from './redis-connection.js';
import { RedisSubscription } from './redis-subscription.js';
import { RedisUnavailableError } from './redis-unavailable.error.js';
import { mayDropLasting, readServerInfo } from './server-info.js';

export type { RedisClient } from './redis-connection.js';

const HEARTBEAT_MS = 1000;
/** Heartbeats without a sign of life after which an open connection is taken for a dead one. */
const SILENCE_BEFORE_RESET = 10;
/** Pause between two probes where the first was answered too slowly. */
const PROBE_PAUSE_MS = 100;
/** Shortest time between log lines about refused commands. */
const REFUSAL_LOG_PAUSE_MS = 60_000;
/** A deadline is polled in this many steps. */
const DEADLINE_PARTS = 4;

/**
 * The program's connection to Redis. Every command has a deadline and none is queued while the
 * connection is down. After a missed deadline the link rests: commands fail at once, until a probe,
 * which no request waits for, is answered in time. So a lost, paused or black-holed Redis costs a
 * request one deadline at most, and nearly all requests nothing.
 */
export class RedisLink implements OnApplicationShutdown {
  private readonly connection: RedisConnection;
  private readonly subscriptions: RedisSubscription[] = [];
  private readonly failures: Counter;
  private readonly heartbeat: NodeJS.Timeout;
  private resting = false;
  private closed = false;
  private silence = 0;
  private troubled = false;
  private refusalLoggedAtMs = -Infinity;
  /** The server answers but accepts no commands: it is a Sentinel. */
  private unsuitable = false;
  private policy: string | undefined;

  constructor(
    private readonly url: string,
    private readonly options: RedisOptions,
    registry: Registry,
    private readonly logger: Logger,
    readonly clock: Clock,
  ) {
    this.connection = newConnection(url, options, {
      ready: () => void this.greet(),
      error: (error) => this.lost(error),
    });
    this.failures = new Counter({
      name: 'redis_command_failures_total',
      help: 'Redis commands that failed, by what became of them',
      labelNames: ['command', 'cause'],
      registers: [registry],
    });
    const up = (): boolean => this.usable;
    const listening = (): boolean => this.listening;
    new Gauge({
      name: 'redis_subscription_up',
      help: 'Whether the subscription to other replicas is up (1) or not (0)',
      registers: [registry],
      collect() {
        this.set(listening() ? 1 : 0);
      },
    });
    new Gauge({
      name: 'redis_up',
      help: 'Whether the connection to Redis is usable (1) or not (0)',
      registers: [registry],
      collect() {
        this.set(up() ? 1 : 0);
      },
    });
    this.heartbeat = setInterval(() => void this.beat(), HEARTBEAT_MS);
    this.heartbeat.unref();
  }

  /** The client itself, for libraries that want one; it stays the same for the life of the link. */
  get client(): RedisClient {
    return this.connection.client;
  }

  /** Starts connecting; never waits for it, because the program must start without Redis. */
  connect(): void {
    this.connection.open();
  }

  /** Whether a command would be sent now; checking it costs nothing. */
  get usable(): boolean {
    return !this.resting && this.connection.ready && !this.unsuitable;
  }

  /** Whether every subscription is up. */
  get listening(): boolean {
    return this.subscriptions.every((subscription) => subscription.standing);
  }

  /** The state of the connection as this program knows it. */
  get state(): 'connected' | 'resting' | 'disconnected' | 'unsuitable' {
    if (!this.connection.ready) return 'disconnected';
    if (this.unsuitable) return 'unsuitable';
    return this.resting ? 'resting' : 'connected';
  }

  /** The eviction policy of the server; undefined if it did not report one. */
  get evictionPolicy(): string | undefined {
    return this.policy;
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
    if (this.unsuitable) throw this.failed(command, 'unsuitable');
    if (this.resting) throw this.failed(command, 'resting');
    return this.underDeadline(command, work);
  }

  /**
   * Listens on a channel, on a connection of its own, for as long as the link lives.
   *
   * @param handler gets every message; what it throws is logged and goes no further
   * @param onReconnect called each time messages may have been missed: each time the subscription is up
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
    this.closed = true;
    clearInterval(this.heartbeat);
    await Promise.all(this.subscriptions.map((subscription) => subscription.close()));
    await this.connection.close();
  }

  private async underDeadline<T>(command: string, work: (client: RedisClient) => Promise<T>): Promise<T> {
    const deadline = new Deadline(this.options.commandTimeoutMs);
    try {
      return await Promise.race([work(this.connection.client), deadline.missed]);
    } catch (error) {
      if (error instanceof DeadlineMissed) {
        this.rest();
        throw this.failed(command, 'deadline');
      }
      this.refused(command, error);
      this.connection.refresh(error);
      throw this.failed(command, 'error', error);
    } finally {
      deadline.met();
    }
  }

  /** Finds a Redis that does not answer before a request does, and connections that were lost without an error. */
  private async beat(): Promise<void> {
    if (this.connection.ready && !this.resting) {
      await this.underDeadline('probe', () => this.connection.ping()).catch(() => {
        // A connection that refuses is treated as a silent one; a closed one reports itself.
        if (this.connection.ready) this.rest();
      });
      return;
    }
    if (++this.silence < SILENCE_BEFORE_RESET) return;
    this.silence = 0;
    this.connection.reset();
  }

  private rest(): void {
    if (this.resting) return;
    this.resting = true;
    if (!this.troubled)
      this.logger.warn('redis_unresponsive', { deadline_ms: this.options.commandTimeoutMs });
    this.troubled = true;
    void this.probeUntilAwake();
  }

  private async probeUntilAwake(): Promise<void> {
    while (this.resting && !this.closed) {
      const sentAtMs = this.clock.monotonicMs();
      const answered = await this.connection.ping().then(
        () => true,
        () => false,
      );
      if (!this.resting) return;
      if (answered && this.clock.monotonicMs() - sentAtMs <= this.options.commandTimeoutMs)
        return this.wake();
      await new Promise((resolve) => setTimeout(resolve, PROBE_PAUSE_MS).unref());
    }
  }

  /** Asks a server that has just been reached what it is; one that does not say is taken for a Redis. */
  private async greet(): Promise<void> {
    const infos = await this.connection.info().catch(() => []);
    const servers = infos.map(readServerInfo);
    if (servers.some(({ mode }) => mode === 'sentinel')) return this.leaveSentinel();
    this.unsuitable = false;
    const policies = servers.map(({ evictionPolicy }) => evictionPolicy);
    const before = this.policy;
    this.policy = policies.find(mayDropLasting) ?? policies[0];
    if (mayDropLasting(this.policy) && this.policy !== before)
      this.logger.warn('redis_may_evict', { policy: this.policy });
    this.wake();
  }

  private leaveSentinel(): void {
    if (!this.unsuitable)
      this.logger.error('redis_unsuitable', {
        message: 'a Sentinel answers under REDIS_URL: name the port of Redis itself',
      });
    this.unsuitable = this.troubled = true;
  }

  private wake(): void {
    this.resting = false;
    this.silence = 0;
    if (this.troubled) this.logger.info('redis_connection_restored');
    this.troubled = false;
  }

  private lost(error: unknown): void {
    if (!this.troubled) this.logger.error('redis_connection_lost', errorFields(error));
    this.troubled = true;
  }

  private refused(command: string, error: unknown): void {
    const nowMs = this.clock.monotonicMs();
    if (nowMs - this.refusalLoggedAtMs < REFUSAL_LOG_PAUSE_MS) return;
    this.refusalLoggedAtMs = nowMs;
    this.logger.warn('redis_command_refused', { command, ...errorFields(error) });
  }

  private failed(command: string, cause: string, error?: unknown): RedisUnavailableError {
    this.failures.inc({ command, cause });
    return new RedisUnavailableError(`Redis ${command}: ${cause}`, { cause: error });
  }
}

class DeadlineMissed extends Error {}

/**
 * A deadline that is waited for in several steps, each with a turn of the event loop. Time in which this process was
 * too busy to read the answer therefore counts as one step, however long it was, because Redis did not cause it.
 */
class Deadline {
  readonly missed: Promise<never>;
  private timer: NodeJS.Timeout | undefined;
  private parts = 0;

  constructor(timeoutMs: number) {
    this.missed = new Promise((_resolve, reject) => {
      const part = (): void => {
        if (++this.parts > DEADLINE_PARTS) reject(new DeadlineMissed());
        else this.timer = setTimeout(part, timeoutMs / DEADLINE_PARTS);
      };
      part();
    });
  }

  met(): void {
    clearTimeout(this.timer);
  }
}
