import { Controller, Get, Header, Headers, Inject, Req } from '@nestjs/common';
import type { Request } from 'express';
import { Registry } from 'prom-client';
import { ROUTE_METRICS } from '../../contracts/routes.js';
import { ProblemError } from '../../lib/problem-error.js';
import { bearerToken, isOneOf } from '../../lib/secrets.js';
import { ServerConfig } from '../config/server.config.js';
import { Public } from '../route-access/public.decorator.js';
import { contextOf } from '../request/request-context.js';

/** `GET /metrics` in Prometheus text format: no key, user or host is ever a label. */
@Controller()
export class MetricsController {
  constructor(
    private readonly registry: Registry,
    @Inject(ServerConfig) private readonly config: ServerConfig,
  ) {}

  @Get(ROUTE_METRICS)
  @Public('open by design; METRICS_TOKEN closes it')
  @Header('content-type', 'text/plain; version=0.0.4; charset=utf-8')
  async metrics(@Req() request: Request, @Headers('authorization') authorization?: string): Promise<string> {
    contextOf(request).route = 'metrics';
    const { metricsToken } = this.config;
    if (metricsToken !== undefined && !isOneOf(bearerToken(authorization) ?? '', [metricsToken]))
      throw new ProblemError('metrics-token-required', {
        headers: { 'www-authenticate': 'Bearer realm="metrics"' },
      });
    return this.registry.metrics();
  }
}
