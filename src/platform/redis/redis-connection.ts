import { readFileSync } from 'node:fs';
import { createClient, createCluster, type RedisClientType } from 'redis';
import { redisAddress } from '../config/redis-address.js';
import type { RedisConfig } from '../config/redis.config.js';
import { guardedReading } from './guarded-socket.js';

export type RedisClient = RedisClientType;

/** The configuration that a connection needs; a test may give only the deadline. */
export type RedisOptions = Pick<RedisConfig, 'commandTimeoutMs'> &
  Partial<Pick<RedisConfig, 'cluster' | 'tlsCaFile'>>;

const CONNECT_TIMEOUT_MS = 2000;
const RECONNECT_FIRST_MS = 50;
const RECONNECT_MAX_MS = 1000;
/** Longer than one attempt and the pause after it, so that none is under way when a new one begins. */
const RESET_PAUSE_MS = CONNECT_TIMEOUT_MS + RECONNECT_MAX_MS + 500;

export interface ConnectionEvents {
  ready(): void;
  error(error: unknown): void;
}

/** One server or one cluster, connected for as long as it is open. */
export interface RedisConnection {
  /** On a cluster it has the same commands, but each may only name keys of one slot. */
  readonly client: RedisClient;
  readonly ready: boolean;
  /** Starts connecting and goes on trying. */
  open(): void;
  /** Rejects where the server refuses; on a cluster, where all masters do. One that is silent keeps it waiting. */
  ping(): Promise<unknown>;
  /** The answers of INFO, one of each server that takes writes. */
  info(): Promise<string[]>;
  /** After a command was refused: finds the server that accepts it now. */
  refresh(refusal: unknown): void;
  /** Gives up connections that look open and are dead, and reconnects. */
  reset(): void;
  close(): Promise<void>;
}

export function newConnection(url: string, options: RedisOptions, events: ConnectionEvents): RedisConnection {
  return options.cluster
    ? new ClusterConnection(url, options, events)
    : new ServerConnection(url, options, events);
}

/** How long to wait before the attempt that follows so many failed ones: 50 ms, then twice as long each time, up to 1 s. */
export function reconnectDelayMs(failedAttempts: number): number {
  return Math.min(RECONNECT_MAX_MS, RECONNECT_FIRST_MS * 2 ** failedAttempts);
}

/** The client library itself would keep the brackets of an IPv6 address in a URL and look it up as a host name. */
function serverOptions(url: string, options: RedisOptions): ServerOptions {
  const { host, port, username, password, database } = redisAddress(url);
  return {
    ...(username !== undefined && { username }),
    ...(password !== undefined && { password }),
    ...(database !== 0 && { database }),
    socket: { host, port, ...socketOptions(url, options) },
  };
}

interface ServerOptions {
  username?: string;
  password?: string;
  database?: number;
  socket: { host: string; port: number };
}

function socketOptions(url: string, options: RedisOptions): Record<string, unknown> {
  const { tls } = redisAddress(url);
  return {
    onread: guardedReading(),
    connectTimeout: CONNECT_TIMEOUT_MS,
    reconnectStrategy: reconnectDelayMs,
    ...(tls && { tls: true }),
    ...(tls && options.tlsCaFile !== undefined && { ca: readFileSync(options.tlsCaFile) }),
  };
}

/** One Redis server, or whatever server its address leads to. */
export class ServerConnection implements RedisConnection {
  readonly client: RedisClient;
  private nextOpen: NodeJS.Timeout | undefined;

  constructor(url: string, options: RedisOptions, events: ConnectionEvents) {
    this.client = createClient({
      ...serverOptions(url, options),
      // Commands do not wait for a reconnection: they would run long after their callers gave up.
      disableOfflineQueue: true,
    });
    this.client.on('error', (error: unknown) => events.error(error));
    this.client.on('ready', () => events.ready());
  }

  get ready(): boolean {
    return this.client.isReady;
  }

  open(): void {
    // Every failed attempt is an `error` event of its own.
    this.client.connect().catch(() => undefined);
  }

  ping(): Promise<unknown> {
    return this.client.ping();
  }

  async info(): Promise<string[]> {
    return [await this.client.info()];
  }

  /** A master that became a replica keeps its connections: its address may already lead to the new one. */
  refresh(refusal: unknown): void {
    if (refusal instanceof Error && refusal.message.startsWith('READONLY')) this.reset();
  }

  reset(): void {
    if (this.client.isOpen) this.client.disconnect().catch(() => undefined);
    clearTimeout(this.nextOpen);
    this.nextOpen = setTimeout(() => this.open(), RESET_PAUSE_MS).unref();
  }

  async close(): Promise<void> {
    clearTimeout(this.nextOpen);
    if (this.client.isOpen) await this.client.disconnect().catch(() => undefined);
  }
}

/** A Redis Cluster, found through one of its nodes. */
class ClusterConnection implements RedisConnection {
  private readonly cluster: ReturnType<typeof createCluster>;
  private connected = false;
  private refreshing = false;
  /** Counts connects and resets, so that the result of an earlier connect can be ignored. */
  private attempt = 0;
  private nextOpen: NodeJS.Timeout | undefined;

  constructor(
    url: string,
    options: RedisOptions,
    private readonly events: ConnectionEvents,
  ) {
    const { socket, username, password } = serverOptions(url, options);
    this.cluster = createCluster({
      rootNodes: [{ socket: { host: socket.host, port: socket.port } }],
      defaults: {
        disableOfflineQueue: true,
        socket: socketOptions(url, options),
        ...(username !== undefined && { username }),
        ...(password !== undefined && { password }),
      },
    });
    this.cluster.on('error', (error: unknown) => events.error(error));
    routeScripts(this.cluster);
  }

  get client(): RedisClient {
    return this.cluster as unknown as RedisClient;
  }

  /** Without a master the client looks for a node in an endless loop (node-redis 4.7), so nothing may be sent. */
  get ready(): boolean {
    return this.connected && this.cluster.masters.length > 0;
  }

  open(): void {
    const attempt = ++this.attempt;
    this.cluster.connect().then(
      () => {
        if (attempt !== this.attempt) return;
        this.connected = true;
        if (this.ready) return this.events.ready();
        this.events.error(new Error('No node of the Redis Cluster holds slots yet'));
        this.reset();
      },
      (error: unknown) => {
        if (attempt !== this.attempt) return;
        // Unlike a single connection, a cluster that cannot be reached at first is not tried again by itself.
        this.events.error(error);
        this.openLater();
      },
    );
  }

  async ping(): Promise<unknown> {
    if (!this.ready) throw new Error('Not connected to the Redis Cluster');
    const pings = this.cluster.masters.map(async (node) => (await this.cluster.nodeClient(node)).ping());
    const answers = await Promise.allSettled(pings);
    const refusals = answers.filter((answer) => answer.status === 'rejected');
    if (refusals.length === answers.length) throw refusals[0]?.reason;
    return answers;
  }

  async info(): Promise<string[]> {
    if (!this.ready) throw new Error('Not connected to the Redis Cluster');
    return Promise.all(
      this.cluster.masters.map(async (node) => (await this.cluster.nodeClient(node)).info()),
    );
  }

  refresh(_refusal: unknown): void {
    if (this.refreshing || !this.ready) return;
    this.refreshing = true;
    // Asked of any node: one that does not hold the key answers with who does, upon which the cluster
    // client reads the whole table again.
    this.cluster
      .sendCommand(undefined, true, ['EXISTS', 'refresh'])
      .catch(() => undefined)
      .finally(() => {
        this.refreshing = false;
      });
  }

  reset(): void {
    this.attempt += 1;
    this.connected = false;
    this.cluster.disconnect().catch(() => undefined);
    this.openLater();
  }

  async close(): Promise<void> {
    const wasReady = this.ready;
    this.attempt += 1;
    this.connected = false;
    clearTimeout(this.nextOpen);
    if (!this.cluster.isOpen) return;
    const disconnected = this.cluster.disconnect().catch(() => undefined);
    // It waits for nodes that were never reached, for as long as they are unavailable.
    if (wasReady) await disconnected;
  }

  private openLater(): void {
    clearTimeout(this.nextOpen);
    this.nextOpen = setTimeout(() => this.open(), RESET_PAUSE_MS).unref();
  }
}

/**
 * Sends scripts to the node that holds their first key. The client's own `eval` and `evalSha` do not look
 * at the keys on a cluster (node-redis 4.7) and ask any node, again and again until it is the right one.
 */
function routeScripts(cluster: ReturnType<typeof createCluster>): void {
  const route =
    (command: string) =>
    (script: string, { keys = [], arguments: args = [] }: { keys?: string[]; arguments?: string[] } = {}) =>
      cluster.sendCommand(keys[0], false, [command, script, String(keys.length), ...keys, ...args]);
  Object.assign(cluster, { eval: route('EVAL'), evalSha: route('EVALSHA') });
}
