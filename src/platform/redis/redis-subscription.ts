import { randomUUID } from 'node:crypto';
import { errorFields, type Logger } from '../logging/logger.js';
import { ServerConnection, type RedisClient, type RedisOptions } from './redis-connection.js';

const HEARTBEAT_INTERVAL_MS = 2000;
/** Heartbeats in a row that were published but not received. */
const HEARTBEATS_BEFORE_RESET = 2;
/**
 * Time in heartbeats in which a connection must be ready: a server that accepts it but does not answer is given up.
 */
const HEARTBEATS_UNTIL_READY = 5;

export interface Subscriber {
  channel: string;
  handler: (message: string) => void;
  onReconnect: () => void;
}

/** What publishes the heartbeat: the link's ordinary connection. */
export interface Publisher {
  readonly usable: boolean;
  run<T>(command: string, work: (client: RedisClient) => Promise<T>): Promise<T>;
}

/**
 * One subscription on its own connection. A subscriber only listens, so a connection that was lost without an error
 * would look idle forever. Therefore the ordinary connection publishes a heartbeat, which the subscriber must receive.
 */
export class RedisSubscription {
  private readonly connection: ServerConnection;
  private readonly heartbeatChannel = `mlflow-gateway:heartbeat:${randomUUID()}`;
  private timer: NodeJS.Timeout | undefined;
  private subscribed = false;
  private broken = false;
  private missed = 0;
  private unready = 0;

  constructor(
    url: string,
    options: RedisOptions,
    private readonly publisher: Publisher,
    private readonly logger: Logger,
    private readonly subscriber: Subscriber,
  ) {
    // A message published on any node of a cluster reaches subscribers on every node: one is enough.
    this.connection = new ServerConnection(url, options, {
      ready: () => void this.ready(),
      error: () => {
        this.broken = true;
      },
    });
  }

  /** Whether messages come in, as far as this side can tell. */
  get standing(): boolean {
    return this.subscribed && this.connection.ready && !this.broken;
  }

  open(): void {
    this.connection.open();
    this.timer = setInterval(() => void this.beat(), HEARTBEAT_INTERVAL_MS);
    this.timer.unref();
  }

  async close(): Promise<void> {
    clearInterval(this.timer);
    await this.connection.close();
  }

  private async ready(): Promise<void> {
    try {
      // Later connections subscribe again by themselves, before they are ready.
      if (!this.subscribed) {
        await this.connection.client.subscribe(this.subscriber.channel, (message) => this.receive(message));
        await this.connection.client.subscribe(this.heartbeatChannel, () => {
          this.missed = 0;
        });
        this.subscribed = true;
      }
    } catch {
      this.broken = true;
      return;
    }
    this.missed = 0;
    if (!this.broken) return;
    this.broken = false;
    this.call(() => this.subscriber.onReconnect());
  }

  private receive(message: string): void {
    this.call(() => this.subscriber.handler(message));
  }

  private call(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.logger.error('redis_subscriber_failed', {
        channel: this.subscriber.channel,
        ...errorFields(error),
      });
    }
  }

  private async beat(): Promise<void> {
    if (!this.publisher.usable) return;
    if (!this.connection.ready) {
      if (++this.unready < HEARTBEATS_UNTIL_READY) return;
      this.unready = 0;
      this.broken = true;
      return this.connection.reset();
    }
    this.unready = 0;
    if (this.missed >= HEARTBEATS_BEFORE_RESET) {
      this.missed = 0;
      this.broken = true;
      this.logger.warn('redis_subscription_silent', { channel: this.subscriber.channel });
      this.connection.reset();
      return;
    }
    this.missed++;
    await this.publisher
      .run('heartbeat', (client) => client.publish(this.heartbeatChannel, ''))
      .catch(() => {
        this.missed = 0;
      });
  }
}
