import { Controller, Get, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';
import {
  MLFLOW_MOUNTS,
  ROUTE_HEALTH,
  ROUTE_HEALTH_DETAILED,
  ROUTE_HEALTH_LIVE,
  ROUTE_HEALTH_MLFLOW,
  ROUTE_HEALTH_READY,
} from '../../contracts/http/routes.js';
import { ProblemError } from '../../lib/http/problem-error.js';
import { AdminOnly } from '../../platform/route-access/admin-only.decorator.js';
import { HealthIndicators, type Indication } from '../../platform/observability/health-indicators.js';
import { Public } from '../../platform/route-access/public.decorator.js';
import { contextOf } from '../../platform/request/request-context.js';
import { ServerState } from '../../platform/http/server-state.js';
import { MlflowProbe, type MlflowHealth } from './mlflow.probe.js';

const PROBE_ROUTES = [ROUTE_HEALTH_MLFLOW, ...MLFLOW_MOUNTS.map((mount) => mount + ROUTE_HEALTH_MLFLOW)];
const RETRY_AFTER_SECONDS = 5;

@Controller()
export class GatewayHealthController {
  constructor(
    private readonly state: ServerState,
    private readonly probe: MlflowProbe,
    private readonly indicators: HealthIndicators,
  ) {}

  /** The process alone: an outage that all replicas share must not make the ALB replace them all. */
  @Get([ROUTE_HEALTH, ROUTE_HEALTH_LIVE])
  @Public('load balancers hold no key')
  live(): { status: 'ok' } {
    return { status: 'ok' };
  }

  /** 503 from SIGTERM on, so that no new traffic is sent here. */
  @Get(ROUTE_HEALTH_READY)
  @Public('load balancers hold no key')
  ready(): { status: 'ready' } {
    if (!this.state.ready) throw new ProblemError('not-ready', { retryAfterSeconds: RETRY_AFTER_SECONDS });
    return { status: 'ready' };
  }

  /** Whether MLflow answers, its experiments API works and its artifacts API works; 503 where one does not. */
  @Get(PROBE_ROUTES)
  @Public('deployment checks hold no key; the answer is cached and names no host')
  async mlflow(
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<MlflowHealth> {
    // By the handler: below a mount, other methods of the same path are MLflow's.
    contextOf(request).route = 'health_mlflow';
    const health = await this.probe.read();
    if (health.status !== 'ok') {
      contextOf(request).reason = 'mlflow_probe_failing';
      response.status(503).setHeader('retry-after', String(RETRY_AFTER_SECONDS));
    }
    response.setHeader('cache-control', 'no-store');
    return health;
  }

  /** Every part as this replica knows it, for operators. */
  @Get(ROUTE_HEALTH_DETAILED)
  @AdminOnly()
  async detailed(): Promise<{
    status: string;
    uptime_seconds: number;
    mlflow: MlflowHealth;
    parts: Record<string, Indication>;
  }> {
    const mlflow = await this.probe.read();
    const parts = this.indicators.read();
    const sound = mlflow.status === 'ok' && Object.values(parts).every((part) => part.status === 'up');
    return { status: sound ? 'ok' : 'degraded', uptime_seconds: Math.floor(process.uptime()), mlflow, parts };
  }
}
