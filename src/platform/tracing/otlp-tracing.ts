import { ROOT_CONTEXT, SpanKind, SpanStatusCode, trace, type Context, type Tracer } from '@opentelemetry/api';
import type * as otel from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import {
  BatchSpanProcessor,
  ParentBasedSampler,
  RandomIdGenerator,
  TraceIdRatioBasedSampler,
  TracerProvider,
  type ReadableSpan,
  type SpanExporter,
} from '@opentelemetry/sdk-trace';
import type { IncomingMessage } from 'node:http';
import type { Logger } from '../logging/logger.js';
import type { Span, SpanOutcome } from '../request/span.js';
import { STANDARD_METHODS } from '../request/standard-methods.js';
import { Tracing } from './tracing.js';
import { parentOf, traceIdOf, traceparentOf } from './trace-context.js';

const EXPORT_TIMEOUT_MS = 5000;
/** A stop must not wait for a collector. */
const CLOSE_TIMEOUT_MS = 1000;
const LOG_PAUSE_MS = 60_000;
const MAX_WAITING_SPANS = 2048;

export interface TracedProgramFacts {
  readonly name: string;
  readonly version: string;
  readonly logger: Logger;
}

/**
 * Spans of requests and of the calls that they make, by OTLP over HTTP. A span has method, route and status: no path, query,
 * address, key or user.
 */
export class OtlpTracing extends Tracing {
  private readonly ids = new RequestIds();
  private readonly provider: TracerProvider;
  private readonly tracer: Tracer;

  constructor(endpoint: string, sampleRatio: number, { name, version, logger }: TracedProgramFacts) {
    super();
    const url = `${endpoint.replace(/\/+$/, '')}/v1/traces`;
    const exporter = new OTLPTraceExporter({ url, timeoutMillis: EXPORT_TIMEOUT_MS });
    this.provider = new TracerProvider({
      resource: resourceFromAttributes({ 'service.name': name, 'service.version': version }),
      sampler: new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(sampleRatio) }),
      idGenerator: this.ids,
      spanProcessors: [
        new BatchSpanProcessor({
          exporter: new ToldExporter(exporter, logger),
          maxQueueSize: MAX_WAITING_SPANS,
        }),
      ],
    });
    this.tracer = this.provider.getTracer(name, version);
  }

  readonly begin = (request: IncomingMessage, requestId: string): Span => {
    const parent = parentOf(request.headers['traceparent']);
    const context = parent === undefined ? ROOT_CONTEXT : trace.setSpanContext(ROOT_CONTEXT, parent);
    // If the caller has no trace, the trace gets the request's id, so that a log line leads to its trace.
    this.ids.next = parent === undefined ? traceIdOf(requestId) : undefined;
    const span = this.tracer.startSpan('request', { kind: SpanKind.SERVER }, context);
    return new Step(this.tracer, span, context);
  };

  async onApplicationShutdown(): Promise<void> {
    const late = new Promise<void>((resolve) => setTimeout(resolve, CLOSE_TIMEOUT_MS).unref());
    await Promise.race([this.provider.shutdown().catch(() => undefined), late]);
  }
}

class Step implements Span {
  readonly traceparent: string;
  private ended = false;

  constructor(
    private readonly tracer: Tracer,
    private readonly span: otel.Span,
    private readonly context: Context,
  ) {
    this.traceparent = traceparentOf(span.spanContext());
  }

  call(peer: 'mlflow' | 'auth-service'): Span {
    const context = trace.setSpan(this.context, this.span);
    const attributes = { 'peer.service': peer };
    const span = this.tracer.startSpan(peer, { kind: SpanKind.CLIENT, attributes }, context);
    return new Step(this.tracer, span, context);
  }

  end({ status, method, route }: SpanOutcome): void {
    if (this.ended) return;
    this.ended = true;
    if (method !== undefined) {
      const shown = STANDARD_METHODS.has(method) ? method : '_OTHER';
      this.span.updateName(`${shown} ${route ?? ''}`.trim());
      this.span.setAttributes({ 'http.request.method': shown, 'http.route': route ?? '' });
    }
    if (status > 0) this.span.setAttribute('http.response.status_code', status);
    if (status === 0 || status >= 500) this.span.setStatus({ code: SpanStatusCode.ERROR });
    this.span.end();
  }
}

/** Trace ids are random, unless the request provides one. */
class RequestIds extends RandomIdGenerator {
  next: string | undefined;
  private readonly random = new RandomIdGenerator();

  override generateTraceId = (): string => {
    const next = this.next;
    this.next = undefined;
    return next ?? this.random.generateTraceId();
  };
}

/** Logs at most once a minute that the collector accepts nothing. */
class ToldExporter implements SpanExporter {
  private toldAtMs = -Infinity;

  constructor(
    private readonly exporter: SpanExporter,
    private readonly logger: Logger,
  ) {}

  export(spans: ReadableSpan[], done: Parameters<SpanExporter['export']>[1]): void {
    this.exporter.export(spans, (result) => {
      if (Number(result.code) !== 0 && performance.now() - this.toldAtMs > LOG_PAUSE_MS) {
        this.toldAtMs = performance.now();
        this.logger.warn('traces_not_exported', { spans: spans.length });
      }
      done(result);
    });
  }

  shutdown(): Promise<void> {
    return this.exporter.shutdown();
  }

  async forceFlush(): Promise<void> {
    await this.exporter.forceFlush?.();
  }
}
