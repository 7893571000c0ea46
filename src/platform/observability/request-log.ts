import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Registry } from 'prom-client';
import type { ErrorName } from '../../contracts/errors/error-codes.js';
import type { UsedResources } from '../../contracts/access/used-resources.js';
import type { RequestTarget } from '../../lib/http/request-target.js';
import { Clock } from '../clock.js';
import { quoted, type LogFields } from '../logging/log-fields.js';
import { Logger } from '../logging/logger.js';
import type { RequestContext } from '../request/request-context.js';
import { STANDARD_METHODS } from '../request/standard-methods.js';
import { RequestHistogram, type HistogramSeries } from './request-histogram.js';

/** nginx's status for a client that left before its answer was complete. */
const CLIENT_CLOSED_REQUEST = 499;

/** What is known of a request after its response is closed. */
export interface FinishedRequest {
  readonly method: string;
  /** Decoded path, without the query. */
  readonly path: string;
  readonly status: number;
  readonly durationMs: number;
  /** Wall clock at the end, milliseconds since the Unix epoch. */
  readonly atMs: number;
  /** Fields that the program added for the log. */
  readonly fields: LogFields;
  /** Whether it counts as use. */
  readonly metered: boolean;
  /** Whether it came with a browser's session instead of a key. */
  readonly inSession: boolean;
  readonly clientIp: string;
  readonly bytesIn: number;
  readonly bytesOut: number;
  /** The problem that it was answered with, where it was. */
  readonly problem: ErrorName | undefined;
  /** The grants and things that decided it; undefined if nothing looked them up. */
  readonly used: UsedResources | undefined;
}

/** Path and query of a request as the log may show them: without anything secret. */
export type RedactTarget = (target: RequestTarget) => string;

/** One JSON line and one observation per request, when its response is closed. */
export class RequestLog {
  private readonly durations: RequestHistogram;
  private readonly series = new Map<string, Map<string, Map<number, HistogramSeries>>>();
  private readonly listeners: ((finished: FinishedRequest) => void)[] = [];
  private readonly problemListeners: ((problem: ErrorName, route: string) => void)[] = [];

  constructor(
    registry: Registry,
    private readonly logger: Logger,
    private readonly clock: Clock,
    private readonly redact: RedactTarget,
  ) {
    this.durations = new RequestHistogram(registry, {
      name: 'http_request_duration_seconds',
      help: 'Time from the arrival of a request to the end of its answer, by route, method and status',
      labelNames: ['route', 'method', 'status'],
      buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 120, 600],
    });
  }

  /** @param listener is called after each request; it must be quick and must not throw */
  onFinished(listener: (finished: FinishedRequest) => void): void {
    this.listeners.push(listener);
  }

  /** @param listener is called for each request that was answered with a problem, unless its client left before */
  onProblem(listener: (problem: ErrorName, route: string) => void): void {
    this.problemListeners.push(listener);
  }

  /** Called once a request, from the response's `close`. */
  finished(request: IncomingMessage, response: ServerResponse, context: RequestContext): void {
    const durationMs = this.clock.monotonicMs() - context.startedAtMs;
    const status = response.writableFinished
      ? response.statusCode
      : (context.cutStatus ?? CLIENT_CLOSED_REQUEST);
    if (status === CLIENT_CLOSED_REQUEST) context.reason ??= 'client_gone';
    this.observe(context.route, methodLabel(request.method), status, durationMs / 1000);
    const atMs = this.clock.now();
    const path = this.redact(context.target);
    this.logger.line(accessLine(request, context, { path, status, durationMs, atMs }));
    const { problem, route } = context;
    context.span?.end({ status, method: request.method ?? '', route });
    if (problem !== undefined && status !== CLIENT_CLOSED_REQUEST)
      for (const listener of this.problemListeners) listener(problem, route);
    if (this.listeners.length > 0) this.tell(methodLabel(request.method), context, status, durationMs, atMs);
  }

  private tell(
    method: string,
    context: RequestContext,
    status: number,
    durationMs: number,
    atMs: number,
  ): void {
    const { fields, metered, inSession, clientIp, bytesIn, bytesOut, problem, used } = context;
    const { path } = context.target;
    const finished = {
      method,
      path,
      status,
      durationMs,
      atMs,
      fields,
      metered,
      inSession,
      clientIp,
      bytesIn,
      bytesOut,
      problem,
      used,
    };
    for (const listener of this.listeners) listener(finished);
  }

  private observe(route: string, method: string, status: number, seconds: number): void {
    // One map per label: a joined key would have to be built and hashed for each request.
    let byMethod = this.series.get(route);
    if (!byMethod) this.series.set(route, (byMethod = new Map<string, Map<number, HistogramSeries>>()));
    let byStatus = byMethod.get(method);
    if (!byStatus) byMethod.set(method, (byStatus = new Map<number, HistogramSeries>()));
    let series = byStatus.get(status);
    if (!series) byStatus.set(status, (series = this.durations.labels(route, method, String(status))));
    series.observe(seconds);
  }
}

function methodLabel(method: string | undefined): string {
  return method !== undefined && STANDARD_METHODS.has(method) ? method : 'other';
}

// The time stamp is the expensive part of a line: it is reused within a millisecond.
let lastStampMs = 0;
let lastStamp = '';

function stamp(nowMs: number): string {
  if (nowMs !== lastStampMs) {
    lastStampMs = nowMs;
    lastStamp = new Date(nowMs).toISOString();
  }
  return lastStamp;
}

/**
 * Builds the line by hand; every string from a client is quoted.
 *
 * Hot path: docs/decisions/0022-log-line-and-histograms-by-hand.md.
 */
function accessLine(
  request: IncomingMessage,
  context: RequestContext,
  { path, status, durationMs, atMs }: Pick<FinishedRequest, 'path' | 'status' | 'durationMs' | 'atMs'>,
): string {
  let line =
    `{"level":"info","time":"${stamp(atMs)}","event":"request","request_id":"${context.requestId}",` +
    `"method":"${request.method ?? ''}","path":${quoted(path)},"status":${status},` +
    `"duration_ms":${durationMs.toFixed(2)},"client_ip":"${context.clientIp}","route":"${context.route}"${context.fields.json}`;
  if (context.bytesIn !== 0) line += `,"bytes_in":${context.bytesIn}`;
  if (context.bytesOut !== 0) line += `,"bytes_out":${context.bytesOut}`;
  if (context.reason !== undefined) line += `,"reason":${quoted(context.reason)}`;
  return `${line}}`;
}
