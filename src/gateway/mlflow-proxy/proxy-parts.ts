import type { Dispatcher } from 'undici';
import type { Clock } from '../../platform/clock.js';
import type { Logger } from '../../platform/logging/logger.js';
import type { UpstreamPlace } from './headers/answer-rewrite.js';
import type { OpenExchanges } from './open-exchanges.js';
import type { SignInNotice } from './sign-in-notice.js';
import type { PaceLimits } from './upload-pace.js';
import type { ConcurrencyLimit } from './upstream/concurrency-limit.js';
import type { ProxyMetrics } from './proxy.metrics.js';
import type { ReadBuffers } from './upstream/read-buffers.js';

/** What all exchanges of a gateway share. */
export interface ProxyParts {
  /** Connections that are kept and used again. */
  readonly pool: Dispatcher;
  /** A new connection for every request. */
  readonly freshPool: Dispatcher;
  readonly upstream: UpstreamPlace;
  readonly limit: ConcurrencyLimit;
  readonly metrics: ProxyMetrics;
  readonly readBuffers: ReadBuffers;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly signInNotice: SignInNotice;
  /** All that are under way. */
  readonly exchanges: OpenExchanges;
  /** How slowly a client may send; its idle time-out is also that of a client that takes nothing. */
  readonly pace: PaceLimits;
}
