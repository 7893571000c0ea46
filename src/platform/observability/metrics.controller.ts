import { Controller, Get, Header } from '@nestjs/common';
import { Registry } from 'prom-client';
import { ROUTE_METRICS } from '../../contracts/http/routes.js';
import { MetricsReadersOnly } from '../route-access/metrics-readers-only.decorator.js';

/** `GET /metrics` in Prometheus text format: no key, user or host is ever a label. */
@Controller()
export class MetricsController {
  constructor(private readonly registry: Registry) {}

  @Get(ROUTE_METRICS)
  @MetricsReadersOnly()
  @Header('content-type', 'text/plain; version=0.0.4; charset=utf-8')
  metrics(): Promise<string> {
    return this.registry.metrics();
  }
}
