import { Injectable } from '@nestjs/common';
import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { DecisionOutcome, DecisionStore } from './decision.js';

/** What the limiter counts. Decisions are plain numbers until somebody asks: one is taken per request. */
@Injectable()
export class RateLimitMetrics {
  private readonly decisions = new Map<string, number>();
  private readonly storeErrors: Counter;
  private readonly waits: Histogram;
  private readonly failedAuth: Counter;
  private readonly sizes = new Map<string, () => number>();

  constructor(registry: Registry) {
    const { decisions, sizes } = this;
    const registers = [registry];
    new Counter({
      name: 'rate_limit_decisions_total',
      help: 'Decisions on requests of known keys, by outcome and by who decided',
      labelNames: ['outcome', 'store'],
      registers,
      collect() {
        this.reset();
        for (const [labels, count] of decisions) {
          const [outcome, store] = labels.split(' ');
          this.inc({ outcome, store }, count);
        }
      },
    });
    this.storeErrors = new Counter({
      name: 'rate_limit_store_errors_total',
      help: 'Decisions that Redis was asked for and did not give in time',
      registers,
    });
    this.waits = new Histogram({
      name: 'rate_limit_decision_duration_seconds',
      help: 'Duration of the decisions that waited for Redis; all others take microseconds',
      buckets: [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1],
      registers,
    });
    this.failedAuth = new Counter({
      name: 'rate_limit_failed_auth_total',
      help: 'Refused keys that were counted, and requests refused for too many of them, by client address',
      labelNames: ['event'],
      registers,
    });
    new Gauge({
      name: 'rate_limit_tracked_entries',
      help: 'Keys and addresses counted in memory, at most RATE_LIMIT_MAX_TRACKED of each',
      labelNames: ['kind'],
      registers,
      collect() {
        for (const [kind, size] of sizes) this.set({ kind }, size());
      },
    });
  }

  decided(outcome: DecisionOutcome, store: DecisionStore): void {
    const labels = LABELS[outcome][store];
    this.decisions.set(labels, (this.decisions.get(labels) ?? 0) + 1);
  }

  storeFailed(): void {
    this.storeErrors.inc();
  }

  waited(seconds: number): void {
    this.waits.observe(seconds);
  }

  failedAuthEvent(event: 'counted' | 'blocked'): void {
    this.failedAuth.inc({ event });
  }

  /** Watches the size of a bounded store. */
  track(kind: 'keys' | 'addresses', size: () => number): void {
    this.sizes.set(kind, size);
  }
}

const STORES = ['redis', 'local', 'allow', 'deny'] as const;

function labelsOf(outcome: DecisionOutcome): Record<DecisionStore, string> {
  return Object.fromEntries(STORES.map((store) => [store, `${outcome} ${store}`])) as Record<
    DecisionStore,
    string
  >;
}

const LABELS: Record<DecisionOutcome, Record<DecisionStore, string>> = {
  allowed: labelsOf('allowed'),
  limited: labelsOf('limited'),
  unavailable: labelsOf('unavailable'),
};
