import type { AuthMetrics } from '../auth.metrics.js';
import type { Clock } from '../../../platform/clock.js';
import type { Logger } from '../../../platform/logging/logger.js';

export type SharedKind = 'facts' | 'tombstone' | 'message' | 'clock';
/** `unsigned` is also what replicas of a version before signatures write. */
export type SharedFault = 'unsigned' | 'signature' | 'malformed' | 'future' | 'old' | 'size';

/** One kind of fault is logged so often at most: whoever can write to Redis must not fill the log. */
const LOG_PAUSE_MS = 60_000;

/** Counts and logs what came from Redis and was not believed. */
export class RefusedValues {
  private readonly unlogged = new Map<string, { count: number; loggedAtMs: number }>();

  constructor(
    private readonly metrics: AuthMetrics,
    private readonly clock: Clock,
    private readonly logger: Logger,
  ) {}

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
