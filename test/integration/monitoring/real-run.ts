import { openSync } from 'node:fs';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createClient } from 'redis';
import { INVALIDATION_CHANNEL } from '../../../src/contracts/keys/invalidation.js';
import { startProgram, type ChildProgram } from '../../support/child-program.js';
import { eventually } from '../../support/eventually.js';
import { freePort } from '../../support/free-port.js';
import { callJson } from '../../support/key-service.js';
import { startRedisServer, type RedisServer } from '../../support/redis-server.js';
import { tempDir } from '../../support/temp-dir.js';
import { MONITORING } from './monitoring-files.js';

const DIST = fileURLToPath(new URL('../../../dist', import.meta.url));
const UPSTREAM = fileURLToPath(new URL('../deployment/upstream.node.ts', import.meta.url));
const ADMIN = 'admin-token-of-the-monitored-run';
const GATEWAY_ADMIN = 'gateway-token-of-the-monitored-run';
const SEARCH = '/api/mlflow/api/2.0/mlflow/experiments/search';
const PHASE_MS = 8000;

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Minutes of the rules → seconds of the run: every window and every wait is cut short, and nothing else. */
const WINDOWS: Readonly<Record<string, string>> = {
  '5m': '5s',
  '10m': '10s',
  '15m': '8s',
  '30m': '10s',
  '1h': '12s',
  '6h': '15s',
};

/** The same expression, with windows that fit a run of a minute. */
function shortened(text: string): string {
  return text
    .replace(/\[(\w+)\]/g, (_all, window: string) => `[${WINDOWS[window] ?? window}]`)
    .replace(/\bfor: \w+/g, 'for: 1s')
    .replace('max(auth_outage_seconds) > 60', 'max(auth_outage_seconds) > 1');
}

export interface MonitoredRun {
  /** Values that Prometheus has for an expression over the whole run. */
  valuesOf(expression: string): Promise<number[]>;
  /** Names of the alerts that fired. */
  firedAlerts(): Promise<Set<string>>;
  close(): Promise<void>;
}

/** A real system, scraped by a real Prometheus with the shipped rules while one part after the other fails. */
export async function monitoredRun(): Promise<MonitoredRun> {
  const run = new Run();
  try {
    await run.start();
    await run.play();
    return run;
  } catch (error) {
    await run.close();
    throw error;
  }
}

class Run implements MonitoredRun {
  private readonly closing: (() => Promise<unknown>)[] = [];
  private readonly urls = { gateway: '', second: '', keys: '', upstream: '', prometheus: '' };
  private readonly programs = new Map<string, ChildProgram>();
  private redis: RedisServer | undefined;
  private readonly startedAt = Date.now() / 1000;

  async start(): Promise<void> {
    const dir = await tempDir('monitoring');
    this.closing.push(() => dir.remove());
    const names = Object.keys(this.urls) as (keyof typeof this.urls)[];
    for (const name of names) this.urls[name] = `http://127.0.0.1:${await freePort()}`;
    this.redis = await startRedisServer();
    this.closing.push(() => this.redis?.close() ?? Promise.resolve());
    this.run('upstream', UPSTREAM, [portOf(this.urls.upstream)], {});
    this.run('keys', join(DIST, 'key-service/main.js'), [], {
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
    this.run('gateway', join(DIST, 'gateway/main.js'), [], {
      ...gateway,
      PORT: portOf(this.urls.gateway),
      BUILD_COMMIT: 'aaaaaaa',
    });
    // Its log cannot be written, as on a full disk.
    this.run(
      'second',
      join(DIST, 'gateway/main.js'),
      [],
      { ...gateway, PORT: portOf(this.urls.second), BUILD_COMMIT: 'bbbbbbb' },
      '/dev/full',
    );
    await this.startPrometheus(dir.path);
    for (const name of ['keys', 'gateway', 'second', 'prometheus'] as const)
      await eventually(
        async () => (await fetch(this.urls[name] + (name === 'prometheus' ? '/-/ready' : '/health'))).ok,
        {
          what: name,
          ...(this.programs.has(name) && { program: this.programs.get(name) as ChildProgram }),
          timeoutMs: 60_000,
          intervalMs: 100,
        },
      );
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

  private async startPrometheus(dir: string): Promise<void> {
    await mkdir(join(dir, 'rules'));
    for (const name of await readdir(join(MONITORING, 'rules')))
      await writeFile(
        join(dir, 'rules', name),
        shortened(await readFile(join(MONITORING, 'rules', name), 'utf8')),
      );
    const targets = (...urls: string[]): string =>
      JSON.stringify(urls.map((url) => url.replace('http://', '')));
    await writeFile(
      join(dir, 'prometheus.yml'),
      `global: { scrape_interval: 1s, evaluation_interval: 1s }
rule_files: ['${dir}/rules/*.yml']
scrape_configs:
  - job_name: mlflow-gateway
    static_configs: [{ targets: ${targets(this.urls.gateway, this.urls.second)} }]
  - job_name: key-service
    static_configs: [{ targets: ${targets(this.urls.keys)} }]
`,
    );
    const program = startProgram('prometheus', [
      `--config.file=${dir}/prometheus.yml`,
      `--storage.tsdb.path=${dir}/data`,
      `--web.listen-address=127.0.0.1:${portOf(this.urls.prometheus)}`,
    ]);
    this.closing.push(() => program.stop('SIGKILL'));
  }

  /** One fault after the other; each has time to be scraped, judged and to fire. */
  async play(): Promise<void> {
    const known = await this.createKey();
    const limited = await this.createKey({ rate_limit_per_hour: 3 });
    await this.during(() =>
      Promise.all([
        this.ask(known),
        this.ask(limited),
        this.ask('hk_live_' + '0'.repeat(32)),
        this.probe(),
        this.ask(known, { second: true }),
      ]),
    );
    await this.during(
      () => Promise.all(Array.from({ length: 12 }, () => this.ask(known, { slow: true }))),
      500,
    );
    await this.rotateKeys();
    await this.during(async () => this.ask(await this.createKey()), 50);
    const revoked = await callJson<{ key_id: string }>(
      `${this.urls.keys}/api/v1/keys`,
      'POST',
      { name: 'short', service_id: 'ml-platform' },
      AS_ADMIN,
    );
    await fetch(`${this.urls.keys}/api/v1/keys/${revoked.body.key_id}`, {
      method: 'DELETE',
      headers: AS_ADMIN,
    });
    await this.forgeMessages();
    const fresh = await Promise.all(Array.from({ length: 20 }, () => this.createKey()));
    await sleep(PHASE_MS / 2);
    await this.programs.get('keys')?.stop('SIGKILL');
    await this.during(() => Promise.all([this.ask(fresh.pop() ?? known), this.ask(known)]), 300);
    await this.programs.get('upstream')?.stop('SIGKILL');
    await this.during(() => Promise.all([this.ask(known), this.probe()]), 100);
    // Silent first, then gone.
    this.redis?.pause();
    await this.during(() => this.ask(known), 200);
    await this.redis?.kill();
    await this.during(() => this.ask(known), 200);
    await this.programs.get('second')?.stop('SIGKILL');
    await sleep(PHASE_MS / 2);
  }

  private async during(step: () => Promise<unknown>, pauseMs = 100): Promise<void> {
    const end = performance.now() + PHASE_MS;
    const open: Promise<unknown>[] = [];
    while (performance.now() < end) {
      open.push(step().catch(() => undefined));
      await sleep(pauseMs);
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

  private async forgeMessages(): Promise<void> {
    const client = createClient({ url: this.redis?.url ?? '' });
    await client.connect();
    for (let n = 0; n < 20; n++)
      await client.publish(INVALIDATION_CHANNEL, JSON.stringify({ subject: 'x', at_us: '1' }));
    await client.disconnect();
  }

  async valuesOf(expression: string): Promise<number[]> {
    return (await this.range(shortened(expression))).flatMap(({ values }) =>
      values.map(([, value]) => Number(value)),
    );
  }

  async firedAlerts(): Promise<Set<string>> {
    const series = await this.range('ALERTS{alertstate="firing"}');
    return new Set(series.map(({ metric }) => metric['alertname'] ?? ''));
  }

  private async range(query: string): Promise<Series[]> {
    const body = new URLSearchParams({
      query,
      start: String(this.startedAt),
      end: String(Date.now() / 1000),
      step: '1',
    });
    const answer = await fetch(`${this.urls.prometheus}/api/v1/query_range`, { method: 'POST', body });
    const { status, data, error } = (await answer.json()) as {
      status: string;
      data?: { result: Series[] };
      error?: string;
    };
    if (status !== 'success' || !data) throw new Error(`${query}: ${error}`);
    return data.result;
  }

  async close(): Promise<void> {
    for (const one of this.closing.reverse()) await one();
  }
}

interface Series {
  metric: Record<string, string>;
  values: [number, string][];
}

const AS_ADMIN = { authorization: `Bearer ${ADMIN}` };
const portOf = (url: string): string => new URL(url).port;
