import { Inject, Module, type OnModuleInit } from '@nestjs/common';
import { sendsInTheClear } from '../../lib/http/plain-http.js';
import { HealthIndicators } from '../../platform/observability/health-indicators.js';
import { Logger } from '../../platform/logging/logger.js';
import { MlflowConfig } from '../config/mlflow.config.js';
import { MlflowUpstreamModule } from '../mlflow-upstream/mlflow-upstream.module.js';
import { PrincipalModule } from '../principal/principal.module.js';
import { MlflowProxyController } from './mlflow-proxy.controller.js';
import { ProxyMetrics } from './proxy.metrics.js';
import { RemovedRoutesController } from './removed-routes.controller.js';
import { UndiciTransport } from './undici.transport.js';

/** Everything between a guarded request and MLflow. */
@Module({
  imports: [PrincipalModule, MlflowUpstreamModule],
  controllers: [RemovedRoutesController, MlflowProxyController],
  providers: [ProxyMetrics, UndiciTransport],
})
export class MlflowProxyModule implements OnModuleInit {
  constructor(
    @Inject(MlflowConfig) private readonly config: MlflowConfig,
    private readonly logger: Logger,
    private readonly transport: UndiciTransport,
    private readonly indicators: HealthIndicators,
  ) {}

  onModuleInit(): void {
    const { maxConcurrentRequests, maxQueuedRequests } = this.config;
    this.indicators.register('mlflow_proxy', () => {
      const { inFlight, queued } = this.transport.load;
      return {
        status: queued === 0 ? 'up' : 'degraded',
        in_flight: inFlight,
        in_flight_limit: maxConcurrentRequests,
        queued,
        queued_limit: maxQueuedRequests,
      };
    });
    if (sendsInTheClear(this.config.serverUrl))
      this.logger.warn('mlflow_plain_http', {
        message: 'MLFLOW_SERVER_URL is plain http:// to another host: keep that network private',
      });
  }
}
