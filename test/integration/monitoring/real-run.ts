import { openSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createClient } from 'redis';
import { INVALIDATION_CHANNEL } from '../../../src/contracts/keys/invalidation.js';
import { startProgram, type ChildProgram } from '../../support/programs/child-program.js';
import { eventually, START_INTERVAL_MS } from '../../support/lib/eventually.js';
import { freePort } from '../../support/programs/free-port.js';
import { callJson } from '../../support/systems/key-service.js';
import { packedPrograms } from '../../support/programs/packed-programs.js';
import { startRedisServer, type RedisServer } from '../../support/servers/redis-server.js';
import { tempDir } from '../../support/lib/temp-dir.js';
import { startPrometheus, type RunningPrometheus } from './prometheus.js';

const UPSTREAM = fileURLToPath(new URL('../deployment/upstream.node.ts', import.meta.url));
const ADMIN = 'admin-token-of-the-monitored-run';
const GATEWAY_ADMIN = 'gateway-token-of-the-monitored-run';
const SEARCH = '/api/mlflow/api/2.0/mlflow/experiments/search';
/** So that each phase is in a few scrapes, whatever fires. */
const SHORTEST_PHASE_MS = 3000;
/** Then the run goes on, and the test of the alert says that it did not fire. */
const LONGEST_PHASE_MS = 25_000;

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** What a Prometheus saw of a system that ran, and that it still runs. */
export interface MonitoredRun {
  readonly prometheus: RunningPrometheus;
  close(): Promise<void>;
}

/** A real system, scraped by a real Prometheus with the shipped rules while one part after the other fails. */
export async function monitoredRun(): Promise<MonitoredRun> {
  const run = new Run();
  try {
    await run.start();
    await run.play();
    return { prometheus: run.prometheus, close: () => run.close() };
  } catch (error) {
    await run.close();
    throw error;
  }
}

class Run {
  private readonly closing: (() => Promise<unknown>)[] = [];
  private readonly urls = { gateway: '', second: '', keys: '', upstream: '' };
  private readonly programs = new Map<string, ChildProgram>();
  private redis: RedisServer | undefined;
  private started: RunningPrometheus | undefined;

  get prometheus(): RunningPrometheus {
    if (!this.started) throw new Error('the run has not started');
    return this.started;
  }

  async start(): Promise<void> {
    const dir = await tempDir('monitoring');
    this.closing.push(() => dir.remove());
    const names = Object.keys(this.urls) as (keyof typeof this.urls)[];
    for (const name of names) this.urls[name] = `http://127.0.0.1:${await freePort()}`;
    const dist = await packedPrograms();
    this.redis = await startRedisServer();
    this.closing.push(() => this.redis?.close() ?? Promise.resolve());
    this.run('upstream', UPSTREAM, [portOf(this.urls.upstream)], {});
    this.run('keys', join(dist, 'key-service/main.js'), [], {
      PORT: portOf(this.urls.keys),
      DATABASE_URL: `sqlite:///${join(dir.path, 'keys.sqlite')}`,
      HOKUSAI_ADMIN_TOKEN: ADMIN,
      KEY_PEPPER: 'pepper of the monitored run that is long enough',
      // Nobody is there: its invalidations stay pending.
      GATEWAY_INVALIDATE_URLS: `http://127.0.0.1:${await freePort()}/internal/keys/invalidate`,
      GATEWAY_ADMIN_TOKEN: GATEWAY_ADMIN,
      // Nobody is there either: a new key of a rotation policy is not taken.
      KEY_ROTATION_WEBHOOK_URL: `http://127.0.0.1:${await freePort()}/rotated`,
      KEY_ROTATION_WEBHOOK_SECRETS: 'webhook-secret-of-the-monitored-run',
      KEY_ROTATION_SECRETS: 'sealing-secret-of-the-monitored-run',
    });
    const gateway = {
      MLFLOW_SERVER_URL: this.urls.upstream,
      HOKUSAI_AUTH_SERVICE_URL: this.urls.keys,
      GATEWAY_ADMIN_TOKEN: GATEWAY_ADMIN,
      CACHE_HMAC_SECRET: 'secret-of-the-monitored-run',
      REDIS_URL: this.redis.url,
      // The invented key of the run must not close the way of the new ones.
      RATE_LIMIT_FAILED_AUTH_PER_MINUTE: '100000',
      AUTH_RETRY_ATTEMPTS: '0',
      AUTH_BREAKER_FAILURES: '2',
      AUTH_BREAKER_RESET_SECONDS: '60',
      MLFLOW_MAX_CONCURRENT_REQUESTS: '4',
      MLFLOW_MAX_QUEUED_REQUESTS: '0',
      MLFLOW_KEY_SHARE_PERCENT: '100',
      // Nobody is there, and there is little room.
      USAGE_REPORT_URL: 'http://127.0.0.1:9/api/v1/usage',
      USAGE_QUEUE_LIMIT: '5',
    };
    this.run('gateway', join(dist, 'gateway/main.js'), [], {
      ...gateway,
      PORT: portOf(this.urls.gateway),
      BUILD_COMMIT: 'aaaaaaa',
    });
    // Its log cannot be written, as on a full disk.
    this.run(
      'second',
      join(dist, 'gateway/main.js'),
      [],
      { ...gateway, PORT: portOf(this.urls.second), BUILD_COMMIT: 'bbbbbbb' },
      '/dev/full',
    );
    this.started = await startPrometheus(dir.path, {
      'mlflow-gateway': [this.urls.gateway, this.urls.second],
      'key-service': [this.urls.keys],
    });
    this.closing.push(this.started.close);
    for (const name of ['keys', 'gateway', 'second'] as const)
      await eventually(async () => (await fetch(`${this.urls[name]}/health`)).ok, {
        what: name,
        program: this.programs.get(name) as ChildProgram,
        timeoutMs: 60_000,
        intervalMs: START_INTERVAL_MS,
      });
  }

  private run(
    name: string,
    script: string,
    args: string[],
    env: Record<string, string>,
    output?: string,
  ): void {
    const program = startProgram(process.execPath, [script, ...args], {
      env: { HOST: '127.0.0.1', ...env },
      ...(output !== undefined && { stdio: ['pipe', openSync(output, 'w'), 'ignore'] as const }),
    });
    this.programs.set(name, program);
    this.closing.push(() => program.stop('SIGKILL'));
  }

  /** One fault after the other, each until its alerts fire. */
  async play(): Promise<void> {
    const known = await this.createKey();
    const limited = await this.createKey({ rate_limit_per_hour: 3 });
    await this.until(
      ['MlflowGatewayTwoVersions', 'MlflowGatewayUsageDropped', 'MlflowGatewayLogLinesDropped'],
      () =>
        Promise.all([
          this.ask(known),
          this.ask(limited),
          this.ask('hk_live_' + '0'.repeat(32)),
          this.probe(),
          this.ask(known, { second: true }),
        ]),
    );
    await this.until(
      [
        'MlflowGatewayQueueFull',
        'MlflowGatewaySlow',
        'MlflowGatewayFailingFast',
        'MlflowGatewayFailingSlowly',
      ],
      () => Promise.all(Array.from({ length: 12 }, () => this.ask(known, { slow: true }))),
      500,
    );
    await this.rotateKeys();
    await this.until(
      ['KeyServiceRotationUndelivered', 'MlflowGatewayCacheHitsLow'],
      async () => this.ask(await this.createKey()),
      50,
    );
    await this.revokeOne();
    await this.forgeMessages();
    const fresh = await Promise.all(Array.from({ length: 20 }, () => this.createKey()));
    await this.until(['KeyServiceInvalidationsPending', 'MlflowGatewayRedisForged']);
    await this.programs.get('keys')?.stop('SIGKILL');
    await this.until(
      ['MlflowGatewayAuthOutage', 'MlflowGatewayAuthBreakerOpen'],
      () => Promise.all([this.ask(fresh.pop() ?? known), this.ask(known)]),
      300,
    );
    await this.programs.get('upstream')?.stop('SIGKILL');
    await this.until(['MlflowGatewayUpstreamFaults', 'MlflowGatewayProbeFailing'], () =>
      Promise.all([this.ask(known), this.probe()]),
    );
    // Silent first, then gone.
    this.redis?.pause();
    await this.until(['MlflowGatewayRedisDown'], () => this.ask(known), 200);
    await this.redis?.kill();
    await this.until(['MlflowGatewayRedisSubscriptionDown'], () => this.ask(known), 200);
    await this.programs.get('second')?.stop('SIGKILL');
    await this.until(['MlflowGatewayReplicaDown']);
  }

  /** Does a step again and again until alerts fire. */
  private async until(
    alerts: readonly string[],
    step: () => Promise<unknown> = () => Promise.resolve(),
    pauseMs = 100,
  ): Promise<void> {
    const [least, most] = [SHORTEST_PHASE_MS, LONGEST_PHASE_MS].map((ms) => performance.now() + ms) as [
      number,
      number,
    ];
    const open: Promise<unknown>[] = [];
    let waited = alerts;
    while (performance.now() < least || (waited.length > 0 && performance.now() < most)) {
      open.push(step().catch(() => undefined));
      await sleep(pauseMs);
      if (performance.now() < least) continue;
      const firing = await this.prometheus.firingAlerts();
      waited = waited.filter((name) => !firing.has(name));
    }
    await Promise.all(open);
  }

  private async ask(apiKey: string, { slow = false, second = false } = {}): Promise<void> {
    const url = second ? this.urls.second : this.urls.gateway;
    const answer = await fetch(`${url}${SEARCH}${slow ? '?slow=1' : ''}`, {
      headers: { authorization: `Bearer ${apiKey}` },
    });
    await answer.arrayBuffer();
  }

  private async probe(): Promise<void> {
    await (await fetch(`${this.urls.gateway}/health/mlflow`)).arrayBuffer();
  }

  private async createKey(fields: object = {}): Promise<string> {
    const { body } = await callJson<{ api_key: string }>(
      `${this.urls.keys}/api/v1/keys`,
      'POST',
      { name: 'monitored', service_id: 'ml-platform', ...fields },
      AS_ADMIN,
    );
    return body.api_key;
  }

  /** With an overlap that is a second shorter than the longest age, the keys that there are are due. */
  private async rotateKeys(): Promise<void> {
    await callJson(
      `${this.urls.keys}/api/v1/rotation-policies`,
      'POST',
      { environment: 'production', max_age_days: 1, overlap_seconds: 86_399, delivery: 'webhook' },
      AS_ADMIN,
    );
  }

  private async revokeOne(): Promise<void> {
    const { body } = await callJson<{ key_id: string }>(
      `${this.urls.keys}/api/v1/keys`,
      'POST',
      { name: 'short', service_id: 'ml-platform' },
      AS_ADMIN,
    );
    await fetch(`${this.urls.keys}/api/v1/keys/${body.key_id}`, { method: 'DELETE', headers: AS_ADMIN });
  }

  private async forgeMessages(): Promise<void> {
    const client = createClient({ url: this.redis?.url ?? '' });
    await client.connect();
    for (let n = 0; n < 20; n++)
      await client.publish(INVALIDATION_CHANNEL, JSON.stringify({ subject: 'x', at_us: '1' }));
    await client.disconnect();
  }

  async close(): Promise<void> {
    for (const one of this.closing.reverse()) await one();
  }
}

const AS_ADMIN = { authorization: `Bearer ${ADMIN}` };
const portOf = (url: string): string => new URL(url).port;
