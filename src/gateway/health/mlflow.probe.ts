import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { Gauge, Registry } from 'prom-client';
import { Agent, request } from 'undici';
import { Clock } from '../../platform/clock.js';
import { Logger } from '../../platform/logging/logger.js';
import { MlflowConfig } from '../config/mlflow.config.js';

/** One thing that MLflow must be able to do. */
export interface MlflowCheck {
  status: 'ok' | 'failing';
  /** MLflow's HTTP status; null where it gave none. */
  http_status: number | null;
  duration_ms: number;
}

export interface MlflowHealth {
  status: 'ok' | 'failing';
  checks: Record<CheckName, MlflowCheck>;
}

type CheckName = 'connectivity' | 'experiments_api' | 'artifacts_api';

const CACHE_MS = 5000;
const DEADLINE_MS = 4000;

/** Asks MLflow whether it works: one round of calls at a time, remembered for five seconds. */
@Injectable()
export class MlflowProbe implements OnApplicationShutdown {
  private readonly agent = new Agent({ pipelining: 1, keepAliveTimeout: 1000, allowH2: false });
  private readonly headers: Record<string, string>;
  private readonly up: Gauge;
  private readonly checks: Record<CheckName, string>;
  private known: { health: MlflowHealth; atMs: number } | undefined;
  private underWay: Promise<MlflowHealth> | undefined;

  constructor(
    private readonly config: MlflowConfig,
    private readonly clock: Clock,
    private readonly logger: Logger,
    registry: Registry,
  ) {
    const { serverAuthorization: authorization } = config;
    this.headers = authorization === undefined ? {} : { authorization };
    const api = config.apiDialect === 'ajax-api' ? '/ajax-api' : '/api';
    this.checks = {
      connectivity: '/health',
      experiments_api: `${api}/2.0/mlflow/experiments/search?max_results=1`,
      // A folder that no run has: an empty list where artifacts are served, an error where they are not.
      artifacts_api: `${api}/2.0/mlflow-artifacts/artifacts?path=.gateway-health-probe`,
    };
    this.up = new Gauge({
      name: 'mlflow_probe_up',
      help: 'Whether the last health probe of MLflow succeeded (1) or not (0), by check',
      labelNames: ['check'],
      registers: [registry],
    });
  }

  async read(): Promise<MlflowHealth> {
    if (this.known && this.clock.monotonicMs() - this.known.atMs < CACHE_MS) return this.known.health;
    this.underWay ??= this.round().finally(() => (this.underWay = undefined));
    return this.underWay;
  }

  async onApplicationShutdown(): Promise<void> {
    await this.agent.destroy();
  }

  private async round(): Promise<MlflowHealth> {
    const names = Object.keys(this.checks) as CheckName[];
    const results = await Promise.all(names.map((name) => this.check(this.checks[name])));
    const checks = Object.fromEntries(names.map((name, i) => [name, results[i]])) as MlflowHealth['checks'];
    const status = results.every((result) => result.status === 'ok') ? 'ok' : 'failing';
    for (const name of names) this.up.set({ check: name }, checks[name].status === 'ok' ? 1 : 0);
    if (status !== this.known?.health.status && (status === 'failing' || this.known))
      this.logger[status === 'ok' ? 'info' : 'warn']('mlflow_probe', { status, checks });
    this.known = { health: { status, checks }, atMs: this.clock.monotonicMs() };
    return this.known.health;
  }

  private async check(path: string): Promise<MlflowCheck> {
    const startedMs = this.clock.monotonicMs();
    let httpStatus: number | null = null;
    try {
      const { statusCode, body } = await request(this.config.serverUrl.replace(/\/+$/, '') + path, {
        dispatcher: this.agent,
        headers: this.headers,
        signal: AbortSignal.timeout(DEADLINE_MS),
      });
      httpStatus = statusCode;
      await body.dump();
    } catch {
      // No answer at all: the null status says so. The error text is left out because it may name hosts.
    }
    return {
      status: httpStatus !== null && httpStatus < 300 ? 'ok' : 'failing',
      http_status: httpStatus,
      duration_ms: Math.round(this.clock.monotonicMs() - startedMs),
    };
  }
}
