import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runLoadStep, type LoadReport } from './load-step.js';
import { startProgram, type ChildProgram } from '../../support/programs/child-program.js';
import { eventually, START_INTERVAL_MS } from '../../support/lib/eventually.js';
import { freePort } from '../../support/programs/free-port.js';
import { callJson } from '../../support/systems/key-service.js';
import { packedPrograms } from '../../support/programs/packed-programs.js';
import { startRedisServer } from '../../support/servers/redis-server.js';
import { tempDir } from '../../support/lib/temp-dir.js';

/** The target check of the balancer, and settings of the programs that fit it. */
export const CHECK = { intervalSeconds: 1, unhealthy: 2, timeoutSeconds: 1 };
/** As the documents have it: interval × unhealthy threshold + time-out of the check, and no less. */
export const DRAIN_DELAY_SECONDS = Math.ceil(CHECK.intervalSeconds * CHECK.unhealthy + CHECK.timeoutSeconds);
/** Enough where the balancer is told before the replica: nothing has to be noticed by checks. */
export const TOLD_DRAIN_DELAY_SECONDS = 1;
const START_TIMEOUT_MS = 60_000;

/** A program of which several run behind the balancer. */
export interface Replica {
  readonly name: string;
  /** Past the balancer. */
  readonly url: string;
  /** Of its process while it runs. */
  readonly pid: number | undefined;
  /** Sends the signal and waits until the program is gone. */
  end(signal: NodeJS.Signals): Promise<void>;
  /**
   * Starts it again on its port, and waits until the balancer sends it requests.
   *
   * @param changed variables that have another value from then on
   * @param dist folder of the build that it is of from then on
   */
  start(changed?: Record<string, string>, dist?: string): Promise<void>;
}

export interface BalancedSystem {
  /** Of the balancer in front of the gateways. */
  readonly url: string;
  readonly gateways: readonly Replica[];
  readonly keyServices: readonly Replica[];
  readonly keyServiceUrl: string;
  /** What the programs were started with. */
  readonly secrets: Readonly<Record<'admin' | 'service' | 'gateway' | 'hmac' | 'metrics' | 'pepper', string>>;
  /** @param adminToken the one of the start unless given */
  createKeys(count: number, adminToken?: string): Promise<string[]>;
  /** The balancer sends a replica nothing new; what is under way goes on. */
  drain(replica: Replica): Promise<void>;
  /** Takes it out at once, with its connections. */
  takeOut(replica: Replica): Promise<void>;
  /** Load on all of it while `step` runs, and a little longer. */
  underLoad(apiKeys: readonly string[], step: () => Promise<void>): Promise<LoadReport>;
  close(): Promise<void>;
}

export interface BalancedOptions {
  /** Of the gateways and key services; default `DRAIN_DELAY_SECONDS`. */
  drainDelaySeconds?: number;
  /** Several need PostgreSQL. */
  keyServices?: { count: number; databaseUrl: string };
  /** Folder of the build that they are of at first; default `packedPrograms()`. */
  dist?: string;
}

/**
 * Two gateways with the code that is shipped, on one Redis, behind HAProxy in the place of a load balancer: it checks
 * `/health/ready`, keeps connections, and neither repeats a request nor sends it to another replica.
 */
export async function startBalancedSystem(options: BalancedOptions = {}): Promise<BalancedSystem> {
  const dist = options.dist ?? (await packedPrograms());
  const dir = await tempDir('deployment');
  const closing: (() => Promise<unknown>)[] = [() => dir.remove()];
  const [url, keyServiceUrl, upstreamUrl] = await Promise.all([newUrl(), newUrl(), newUrl()]);
  const socket = join(dir.path, 'haproxy.sock');
  const secrets = {
    admin: newSecret(),
    service: newSecret(),
    gateway: newSecret(),
    hmac: newSecret(),
    metrics: newSecret(),
    pepper: newSecret(),
  };
  const close = async (): Promise<void> => {
    for (const one of closing.reverse()) await one();
  };
  try {
    const redis = await startRedisServer();
    closing.push(() => redis.close());
    const upstream = startProgram(process.execPath, [
      fileURLToPath(new URL('upstream.node.ts', import.meta.url)),
      portOf(upstreamUrl),
    ]);
    closing.push(() => upstream.stop('SIGKILL'));

    const common = {
      HOST: '127.0.0.1',
      DRAIN_DELAY_SECONDS: String(options.drainDelaySeconds ?? DRAIN_DELAY_SECONDS),
      SHUTDOWN_TIMEOUT_SECONDS: '10',
      LOG_LEVEL: 'warn',
      METRICS_TOKEN: secrets.metrics,
    };
    const { count, databaseUrl } = options.keyServices ?? {
      count: 1,
      databaseUrl: `sqlite:///${join(dir.path, 'keys.sqlite')}`,
    };
    const newReplica = async (
      name: string,
      program: string,
      env: Record<string, string>,
    ): Promise<StartedReplica> => {
      const replica = new StartedReplica(name, program, await newUrl(), socket, {
        env: { ...common, ...env },
        dist,
      });
      closing.push(() => replica.end('SIGKILL'));
      return replica;
    };
    const keyServices = await Promise.all(
      Array.from({ length: count }, (_one, n) =>
        newReplica(`keys/k${n}`, 'key-service/main.js', {
          DATABASE_URL: databaseUrl,
          HOKUSAI_ADMIN_TOKEN: secrets.admin,
          SERVICE_TOKENS: secrets.service,
          KEY_PEPPER: secrets.pepper,
          GATEWAY_ADMIN_TOKEN: secrets.gateway,
        }),
      ),
    );
    const gateways = await Promise.all(
      [0, 1].map((n) =>
        newReplica(`gateways/g${n}`, 'gateway/main.js', {
          MLFLOW_SERVER_URL: upstreamUrl,
          HOKUSAI_AUTH_SERVICE_URL: keyServiceUrl,
          HOKUSAI_AUTH_SERVICE_TOKEN: secrets.service,
          GATEWAY_ADMIN_TOKEN: secrets.gateway,
          CACHE_HMAC_SECRET: secrets.hmac,
          REDIS_URL: redis.url,
          TRUSTED_PROXY_HOPS: '1',
        }),
      ),
    );
    const config = join(dir.path, 'haproxy.cfg');
    await writeFile(
      config,
      balancerConfig(socket, { keys: [keyServiceUrl, keyServices], gateways: [url, gateways] }),
    );
    const balancer = startProgram('haproxy', ['-db', '-f', config]);
    closing.push(() => balancer.stop('SIGKILL'));
    await Promise.all([...keyServices, ...gateways].map((replica) => replica.start()));

    const command = (words: string, replica: Replica): Promise<string> =>
      haproxy(socket, `${words.replace('SERVER', replica.name)}`);
    return {
      url,
      gateways,
      keyServices,
      keyServiceUrl,
      secrets,
      close,
      createKeys: (many, adminToken = secrets.admin) => createKeys(keyServiceUrl, adminToken, many),
      drain: async (replica) => void (await command('set server SERVER state drain', replica)),
      async takeOut(replica) {
        await command('set server SERVER state maint', replica);
        await command('shutdown sessions server SERVER', replica);
      },
      underLoad: (apiKeys, step) => runLoadStep(url, apiKeys, step),
    };
  } catch (error) {
    await close();
    throw error;
  }
}

class StartedReplica implements Replica {
  private program: ChildProgram | undefined;

  constructor(
    readonly name: string,
    private readonly entry: string,
    readonly url: string,
    private readonly socket: string,
    private made: { readonly env: Record<string, string>; readonly dist: string },
  ) {}

  get pid(): number | undefined {
    return this.program?.pid;
  }

  async end(signal: NodeJS.Signals): Promise<void> {
    await this.program?.stop(signal, 60_000);
    this.program = undefined;
  }

  async start(changed: Record<string, string> = {}, dist = this.made.dist): Promise<void> {
    this.made = { env: { ...this.made.env, ...changed }, dist };
    this.program = startProgram(process.execPath, [join(dist, this.entry)], {
      env: { ...this.made.env, PORT: portOf(this.url) },
    });
    // Before that, the balancer may still take it for well: its last check can be older than the stop.
    await eventually(async () => (await fetch(`${this.url}/health/ready`)).ok, {
      what: `${this.name} is ready`,
      program: this.program,
      timeoutMs: START_TIMEOUT_MS,
      intervalMs: START_INTERVAL_MS,
    });
    await haproxy(this.socket, `set server ${this.name} state ready`).catch(() => '');
    await eventually(async () => serves(await haproxy(this.socket, 'show stat'), this.name), {
      what: `${this.name} in the balancer`,
      program: this.program,
      timeoutMs: START_TIMEOUT_MS,
      intervalMs: 100,
    });
  }
}

/** Whether the balancer's statistics say that a server takes requests and has passed its checks. */
function serves(statistics: string, name: string): boolean {
  const [backend, server] = name.split('/');
  const row = statistics.split('\n').find((line) => line.startsWith(`${backend},${server},`));
  return row?.split(',')[17] === 'UP';
}

type Backend = readonly [url: string, replicas: readonly StartedReplica[]];

function balancerConfig(socket: string, backends: Record<string, Backend>): string {
  const { intervalSeconds, unhealthy, timeoutSeconds } = CHECK;
  const sections = Object.entries(backends).map(
    ([name, [url, replicas]]) => `
frontend ${name}-in
  bind 127.0.0.1:${portOf(url)}
  http-request return status 404 if { path_beg /metrics /internal /health/ }
  default_backend ${name}
backend ${name}
  balance roundrobin
  http-reuse always
  option httpchk GET /health/ready
  default-server check inter ${intervalSeconds}s fall ${unhealthy} downinter 100ms rise 2
${replicas.map((one) => `  server ${one.name.split('/')[1]} 127.0.0.1:${portOf(one.url)}`).join('\n')}
`,
  );
  return `
global
  nbthread 1
  maxconn 4096
  stats socket ${socket} mode 600 level admin
defaults
  mode http
  retries 0
  option http-keep-alive
  option forwardfor
  timeout connect 5s
  timeout client 60s
  timeout server 60s
  timeout check ${timeoutSeconds * 1000}ms
${sections.join('')}`;
}

function haproxy(socket: string, command: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let said = '';
    connect(socket)
      .once('error', reject)
      .on('data', (chunk) => (said += chunk.toString()))
      .once('close', () => resolve(said))
      .end(`${command}\n`);
  });
}

async function createKeys(url: string, adminToken: string, count: number): Promise<string[]> {
  const keys: string[] = [];
  for (let n = 0; n < count; n++) {
    const { body } = await callJson<{ api_key: string }>(
      `${url}/api/v1/keys`,
      'POST',
      { name: `key ${n}`, service_id: 'ml-platform', rate_limit_per_hour: 1_000_000 },
      { authorization: `Bearer ${adminToken}` },
    );
    keys.push(body.api_key);
  }
  return keys;
}

const newSecret = (): string => randomBytes(24).toString('hex');
const newUrl = async (): Promise<string> => `http://127.0.0.1:${await freePort()}`;
const portOf = (url: string): string => new URL(url).port;
