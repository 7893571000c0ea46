import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import type { Plugin } from 'http-proxy-middleware';
import { ServerResponse, type IncomingMessage } from 'node:http';
import { HEADER_MLFLOW_AUTHORIZATION } from '../../contracts/headers.js';
import { mountOf } from '../mlflow-routes/mlflow-mount.js';
import { ProblemError } from '../../lib/problem-error.js';
import { Clock } from '../../platform/clock.js';
import { Logger } from '../../platform/logging/logger.js';
import { sendProblem, toProblem } from '../../platform/request/problem-response.js';
import { contextOf, type RequestContext } from '../../platform/request/request-context.js';
import { principalOf } from '../principal/principal.js';
import { MlflowConfig } from '../config/mlflow.config.js';
import { ConcurrencyLimit } from './upstream/concurrency-limit.js';
import { Exchange } from './exchange.js';
import { ProxyMetrics } from './proxy.metrics.js';
import type { ProxyParts } from './proxy-parts.js';
import { ReadBuffers } from './upstream/read-buffers.js';
import { requestHeaders } from './headers/request-headers.js';
import { createPools } from './upstream/upstream-pool.js';
import { upstreamTarget, type UpstreamTargetOptions } from './upstream/upstream-target.js';

/** Carries requests to MLflow over undici, in place of http-proxy-middleware's own last pass. */
@Injectable()
export class UndiciTransport implements OnApplicationShutdown {
  private readonly parts: ProxyParts;
  private readonly target: UpstreamTargetOptions;

  constructor(
    @Inject(MlflowConfig) private readonly config: MlflowConfig,
    private readonly metrics: ProxyMetrics,
    private readonly logger: Logger,
    clock: Clock,
  ) {
    const url = new URL(config.serverUrl);
    const basePath = url.pathname.replace(/\/+$/, '');
    const limit = new ConcurrencyLimit(config.maxConcurrentRequests, config.maxQueuedRequests, clock);
    metrics.watch(limit);
    this.target = { basePath, dialect: config.apiDialect };
    this.parts = {
      ...createPools(config),
      upstream: { host: url.host, basePath },
      limit,
      metrics,
      readBuffers: new ReadBuffers(),
      clock,
      logger,
      bodyIdleTimeoutMs: config.bodyIdleTimeoutSeconds * 1000,
    };
  }

  /** For the `plugins` option: takes the place of everything that the proxy would do with a request itself. */
  readonly plugin: Plugin = (server) => {
    server.web = async (request, response) => {
      this.forward(request, response);
    };
  };

  /** Requests with MLflow and requests that wait for their turn. */
  get load(): { inFlight: number; queued: number } {
    const { inFlight, queued } = this.parts.limit;
    return { inFlight, queued };
  }

  async onApplicationShutdown(): Promise<void> {
    await Promise.all([this.parts.pool.destroy(), this.parts.freshPool.destroy()]);
  }

  private forward(request: IncomingMessage, response: ServerResponse): void {
    // A guard may have awaited, and the client may have left meanwhile.
    if (response.destroyed) return;
    const context = contextOf(request);
    try {
      const mount = mountOf(context.target.rawPath) ?? '';
      const plan = {
        path: upstreamTarget(context.target, mount, this.target),
        headers: this.headersFor(request, context, mount),
        place: { mount, clientHost: request.headers.host ?? '' },
      };
      new Exchange(this.parts, request, response, context, plan).run();
    } catch (error) {
      this.metrics.ended('refused');
      this.refuse(response, context, error);
    }
  }

  private headersFor(request: IncomingMessage, context: RequestContext, mount: string): string[] {
    const principal = principalOf(request);
    const { requestId, clientIp, secure } = context;
    return requestHeaders(request.rawHeaders, {
      requestId,
      clientIp,
      secure,
      keyId: principal?.facts.keyId ?? null,
      userId: principal?.facts.userId ?? null,
      keepProviderCredentials:
        this.config.llmAuthorizationPassthrough &&
        principal?.source === HEADER_MLFLOW_AUTHORIZATION &&
        context.target.path.startsWith('/gateway/', mount.length),
    });
  }

  private refuse(response: ServerResponse, context: RequestContext, error: unknown): void {
    const problem: ProblemError = toProblem(error);
    context.reason ??= problem.reason ?? problem.problem;
    if (problem.problem === 'internal-error')
      this.logger.error('proxy_internal_error', { request_id: context.requestId, error: String(error) });
    sendProblem(response, problem, context.requestId);
  }
}
