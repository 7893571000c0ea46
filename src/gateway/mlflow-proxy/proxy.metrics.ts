import { Injectable } from '@nestjs/common';
import { Counter, Gauge, Registry } from 'prom-client';
import { RequestHistogram, type HistogramSeries } from '../../platform/observability/request-histogram.js';
import type { CompressedFiles } from './answers/compressed-files.js';
import type { ConcurrencyLimit } from './upstream/concurrency-limit.js';
import type { FaultKind } from './upstream/upstream-fault.js';

/**
 * How a request that reached the proxy ended. `gateway_requests_failed_total` also counts requests that failed
 * earlier.
 */
export type Outcome =
  /** MLflow answered, below 500. */
  | 'answered'
  /** MLflow answered with 500 or above: passed on unchanged, and no fault of the proxy. */
  | 'answered_error'
  /** The gateway answered 502 or 504, or cut an answer that broke. */
  | 'fault'
  | 'overloaded'
  | 'client_aborted'
  /** Not forwardable (400, 408, 508), more than its key may have under way (429), or its key ended meanwhile. */
  | 'refused';

const OUTCOMES: readonly Outcome[] = [
  'answered',
  'answered_error',
  'fault',
  'overloaded',
  'client_aborted',
  'refused',
];

/** Metrics of the proxy. Counts that every request changes are plain numbers until metrics are collected. */
@Injectable()
export class ProxyMetrics {
  readonly queueRejections: Counter<'cause'>;
  private readonly ends = new Map<Outcome, number>(OUTCOMES.map((outcome) => [outcome, 0]));
  private readonly endedKeys: Counter;
  private readonly faults: Counter;
  private readonly retries: Counter;
  private readonly aborts: Counter;
  private readonly firstByte: HistogramSeries;

  constructor(private readonly registry: Registry) {
    const registers = [registry];
    const { ends } = this;
    new Counter({
      name: 'mlflow_proxy_requests_total',
      help: 'Requests meant for MLflow, by how they ended',
      labelNames: ['outcome'],
      registers,
      collect() {
        this.reset();
        for (const [outcome, count] of ends) this.inc({ outcome }, count);
      },
    });
    this.queueRejections = new Counter({
      name: 'mlflow_proxy_queue_rejections_total',
      help: 'Requests refused because too many were under way and waiting: of all, of their key, or of their address',
      labelNames: ['cause'],
      registers,
    });
    for (const cause of ['queue_full', 'key_share', 'address_share']) this.queueRejections.inc({ cause }, 0);
    this.endedKeys = new Counter({
      name: 'mlflow_proxy_ended_with_key_total',
      help: 'Exchanges ended while they waited, uploaded or streamed, because their key had ended',
      registers,
    });
    this.faults = new Counter({
      name: 'mlflow_upstream_faults_total',
      help: 'Exchanges with MLflow that failed, by kind of failure',
      labelNames: ['kind'],
      registers,
    });
    this.retries = new Counter({
      name: 'mlflow_proxy_retries_total',
      help: 'Requests sent again on a fresh connection, by why the first one failed',
      labelNames: ['kind'],
      registers,
    });
    this.aborts = new Counter({
      name: 'mlflow_proxy_client_aborts_total',
      help: 'Clients that left before the answer was complete, by how far the exchange had come',
      labelNames: ['phase'],
      registers,
    });
    this.firstByte = new RequestHistogram(registry, {
      name: 'mlflow_upstream_first_byte_seconds',
      help: "Time from handing a request over to the head of MLflow's answer",
      buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 150],
    }).labels();
  }

  /** Makes the gauges read the limit whenever metrics are collected. */
  watch(limit: ConcurrencyLimit): void {
    const registers = [this.registry];
    new Gauge({
      name: 'mlflow_proxy_in_flight',
      help: 'Requests with MLflow right now',
      registers,
      collect() {
        this.set(limit.inFlight);
      },
    });
    new Gauge({
      name: 'mlflow_proxy_queued',
      help: 'Requests waiting for their turn right now',
      registers,
      collect() {
        this.set(limit.queued);
      },
    });
    new Gauge({
      name: 'mlflow_proxy_busiest_key_in_flight',
      help: 'Requests with MLflow right now of the key that has most of them',
      registers,
      collect() {
        this.set(limit.busiestKey);
      },
    });
  }

  /** Makes the series of static files read their counts whenever metrics are collected. */
  watchFiles(files: CompressedFiles): void {
    const registers = [this.registry];
    new Counter({
      name: 'mlflow_static_files_total',
      help: "Compressed answers with MLflow's static files: compressed for it, or taken from memory",
      labelNames: ['source'],
      registers,
      collect() {
        this.reset();
        this.inc({ source: 'compression' }, files.counts.compressions);
        this.inc({ source: 'memory' }, files.counts.fromMemory);
      },
    });
    new Gauge({
      name: 'mlflow_static_files_kept_bytes',
      help: "Compressed static files of MLflow's in memory",
      registers,
      collect() {
        this.set(files.counts.keptBytes);
      },
    });
  }

  ended(outcome: Outcome): void {
    this.ends.set(outcome, (this.ends.get(outcome) ?? 0) + 1);
  }

  endedWithKey(): void {
    this.endedKeys.inc();
  }

  answeredAfter(seconds: number): void {
    this.firstByte.observe(seconds);
  }

  fault(kind: FaultKind): void {
    this.faults.inc({ kind });
  }

  retry(kind: FaultKind): void {
    this.retries.inc({ kind });
  }

  clientAbort(phase: 'queued' | 'waiting' | 'answering'): void {
    this.aborts.inc({ phase });
  }
}
