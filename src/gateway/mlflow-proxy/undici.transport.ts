import { Inject, Injectable, Optional, type OnApplicationShutdown } from '@nestjs/common';
import type { Plugin } from 'http-proxy-middleware';
import { ServerResponse, type IncomingMessage } from 'node:http';
import { HEADER_MLFLOW_AUTHORIZATION } from '../../contracts/http/headers.js';
import { isLlmPath } from '../mlflow-routes/llm-path.js';
import { mountOf } from '../mlflow-routes/mlflow-mount.js';
import { ProblemError } from '../../lib/http/problem-error.js';
import { Clock } from '../../platform/clock.js';
import { Logger } from '../../platform/logging/logger.js';
import { sendProblem, toProblem } from '../../platform/request/problem-response.js';
import { contextOf, type RequestContext } from '../../platform/request/request-context.js';
import { forwardPlanOf, type ForwardPlan } from '../principal/forward-plan.js';
import { KeyStanding } from '../principal/key-standing.js';
import { principalOf, type Principal } from '../principal/principal.js';
import type { MlflowConfig } from '../config/mlflow.config.js';
import {
  ANSWER_SHAPE,
  type AnswerShape,
  type ShapedRequest,
  type SinkMaker,
} from './answers/answer-shape.js';
import { checkedAnswer } from './answers/checked-answer.js';
import { CompressedFiles } from './answers/compressed-files.js';
import { CompressedStaticFiles } from './answers/compressed-static-files.js';
import { filteredAnswer } from './answers/filtered-answer.js';
import { readAnswer } from './answers/read-answer.js';
import { ConcurrencyLimit } from './upstream/concurrency-limit.js';
import { Exchange, type ExchangePlan } from './exchange.js';
import { OpenExchanges } from './open-exchanges.js';
import { ProxyMetrics } from './proxy.metrics.js';
import type { ProxyParts } from './proxy-parts.js';
import { ReadBuffers } from './upstream/read-buffers.js';
import { plannedHeaders } from './headers/planned-headers.js';
import { requestHeaders, type RequestFacts } from './headers/request-headers.js';
import { SignInNotice } from './sign-in-notice.js';
import type { PaceLimits } from './upload-pace.js';
import { MlflowUpstream } from '../mlflow-upstream/mlflow-upstream.js';
import { upstreamTarget, type UpstreamTargetOptions } from '../mlflow-upstream/upstream-target.js';

/** Sends requests to MLflow with undici instead of http-proxy-middleware's own transport. */
@Injectable()
export class UndiciTransport implements OnApplicationShutdown {
  @Optional()
  @Inject(ANSWER_SHAPE)
  private readonly shape: AnswerShape | undefined;
  private readonly config: MlflowConfig;
  private readonly parts: ProxyParts;
  private readonly target: UpstreamTargetOptions;
  private readonly ownAuthorization: string | undefined;
  private readonly staticFiles: CompressedStaticFiles;

  constructor(
    @Inject(MlflowUpstream) private readonly upstream: MlflowUpstream,
    private readonly metrics: ProxyMetrics,
    private readonly logger: Logger,
    clock: Clock,
    standing: KeyStanding,
  ) {
    const { config, host, pool, freshPool, target } = upstream;
    this.config = config;
    const limit = new ConcurrencyLimit(
      {
        maxActive: config.maxConcurrentRequests,
        maxWaiting: config.maxQueuedRequests,
        sharePercent: config.keySharePercent,
      },
      clock,
    );
    metrics.watch(limit);
    const files = new CompressedFiles(config.staticCacheBytes);
    metrics.watchFiles(files);
    this.staticFiles = new CompressedStaticFiles(files);
    this.ownAuthorization = config.serverAuthorization;
    this.target = target;
    this.parts = {
      pool,
      freshPool,
      upstream: { host, basePath: target.basePath },
      limit,
      metrics,
      readBuffers: new ReadBuffers(),
      clock,
      logger,
      signInNotice: new SignInNotice(logger, clock),
      exchanges: new OpenExchanges(standing, clock),
      pace: paceOf(config),
    };
  }

  /** For the `plugins` option: replaces all that the proxy itself would do with a request. */
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
    this.parts.exchanges.stop();
    await this.upstream.destroy();
  }

  private forward(request: IncomingMessage, response: ServerResponse): void {
    // A guard may have awaited, and the client may have left meanwhile.
    if (response.destroyed) return;
    const context = contextOf(request);
    try {
      const principal = principalOf(request);
      // A request without a principal means that the guards are in the wrong order: refuse.
      if (!principal) throw new Error('no principal');
      const mount = mountOf(context.target.rawPath) ?? '';
      const thirdParty = isLlmPath(context.target.path, mount);
      const span = context.span?.call('mlflow');
      if (span) response.once('close', () => span.end({ status: response.statusCode }));
      const facts = this.factsOf(context, principal, thirdParty, span?.traceparent);
      const planned = forwardPlanOf(request);
      const target = planned?.target ? { ...context.target, ...planned.target } : context.target;
      const path = upstreamTarget(target, mount, this.target);
      const headers = requestHeaders(request.rawHeaders, facts);
      const plan: ExchangePlan = {
        principal,
        path,
        headers: planned ? plannedHeaders(headers, planned) : headers,
        body: planned?.body,
        signIn: facts.keepProviderCredentials ? 'client' : 'gateway',
        timeoutMs: thirdParty ? this.config.llmTimeoutSeconds * 1000 : undefined,
        place: { mount, clientHost: request.headers.host ?? '' },
        sinks: this.sinksFor({ request, response, context, mount, upstreamPath: path }, planned),
      };
      new Exchange(this.parts, request, response, context, plan).run();
    } catch (error) {
      this.metrics.ended('refused');
      this.refuse(response, context, error);
    }
  }

  /** Undefined for nearly all requests: their answers go to the client as they come. */
  private sinksFor(shaped: ShapedRequest, planned: ForwardPlan | undefined): SinkMaker[] | undefined {
    const shape = this.shape?.sinkFor(shaped);
    const compression = this.staticFiles.sinkFor(shaped);
    const ofPlan = planned ? sinksOfPlan(planned, shaped.request.method ?? '') : [];
    if (!shape && !compression && ofPlan.length === 0) return undefined;
    return [compression, shape, ...ofPlan].filter((sink) => sink !== undefined);
  }

  private factsOf(
    context: RequestContext,
    principal: Principal,
    thirdParty: boolean,
    traceparent: string | undefined,
  ): RequestFacts {
    const { requestId, clientIp, secure } = context;
    return {
      requestId,
      traceparent,
      clientIp,
      secure,
      keyId: principal.facts.keyId,
      userId: principal.facts.userId,
      thirdParty,
      ownAuthorization: this.ownAuthorization,
      keepProviderCredentials:
        thirdParty &&
        this.config.llmAuthorizationPassthrough &&
        principal.source === HEADER_MLFLOW_AUTHORIZATION,
    };
  }

  private refuse(response: ServerResponse, context: RequestContext, error: unknown): void {
    const problem: ProblemError = toProblem(error);
    context.noteProblem(problem);
    if (problem.problem === 'internal-error')
      this.logger.error('proxy_internal_error', { request_id: context.requestId, error: String(error) });
    sendProblem(response, problem, context.requestId);
  }
}

/** The last one gets MLflow's answer first. */
function sinksOfPlan(
  { answerFilter, answerCheck, lookAgain, answerRoom, learn }: ForwardPlan,
  method: string,
): SinkMaker[] {
  return [
    answerFilter && filteredAnswer(answerFilter, method, answerRoom),
    answerCheck && filteredAnswer(answerCheck, method, answerRoom),
    lookAgain && checkedAnswer(lookAgain),
    learn && readAnswer(learn),
  ].filter((sink) => sink !== undefined);
}

function paceOf(config: MlflowConfig): PaceLimits {
  return {
    idleTimeoutMs: config.bodyIdleTimeoutSeconds * 1000,
    windowMs: config.uploadRateWindowSeconds * 1000,
    minBytesPerWindow: config.uploadMinBytesPerSecond * config.uploadRateWindowSeconds,
  };
}
