import type { AuthMetrics } from '../auth.metrics.js';
import type { Clock } from '../../../platform/clock.js';
import type { Logger } from '../../../platform/logging/logger.js';

const SHARED_KINDS = ['facts', 'tombstone', 'message', 'clock'] as const;
export type SharedKind = (typeof SHARED_KINDS)[number];
/** `unsigned` is also what replicas of a version before signatures write. */
const SHARED_FAULTS = ['unsigned', 'signature', 'malformed', 'future', 'old', 'size'] as const;
export type SharedFault = (typeof SHARED_FAULTS)[number];

/** Shortest time between two log lines about one kind of fault: whoever can write to Redis must not fill the log. */
const LOG_PAUSE_MS = 60_000;

/** Counts and logs what came from Redis and was refused. */
export class RefusedValues {
  private readonly unlogged = new Map<string, { count: number; loggedAtMs: number }>();

  constructor(
    private readonly metrics: AuthMetrics,
    private readonly clock: Clock,
    private readonly logger: Logger,
  ) {
    // Series begin at 0: an alert on the rise of a counter would miss the first event of a new series.
    for (const kind of SHARED_KINDS)
      for (const fault of SHARED_FAULTS) metrics.refusedValues.inc({ kind, fault }, 0);
  }

  refuse(kind: SharedKind, fault: SharedFault): void {
    this.metrics.refusedValues.inc({ kind, fault });
    const name = `${kind} ${fault}`;
    const nowMs = this.clock.monotonicMs();
    const entry = this.unlogged.get(name) ?? { count: 0, loggedAtMs: -Infinity };
    this.unlogged.set(name, entry);
    entry.count++;
    if (nowMs - entry.loggedAtMs < LOG_PAUSE_MS) return;
    this.logger.warn('shared_value_refused', { kind, fault, count: entry.count });
    entry.count = 0;
    entry.loggedAtMs = nowMs;
  }
}
