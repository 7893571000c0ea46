import { Inject, Injectable } from '@nestjs/common';
import { Clock } from '../../../platform/clock.js';
import { Logger } from '../../../platform/logging/logger.js';
import { AuthConfig } from '../../config/auth.config.js';
import { AuthMetrics } from '../auth.metrics.js';
import { RedisTime } from './redis-time.js';
import { RefusedValues } from './refused-values.js';
import { Signer } from './signer.js';

/** What decides whether something from Redis is trusted (docs/decisions/0009-redis-is-not-believed.md). */
@Injectable()
export class SharedTrust {
  readonly signer: Signer;
  readonly time: RedisTime;
  readonly refused: RefusedValues;

  constructor(
    @Inject(AuthConfig) config: Pick<AuthConfig, 'cacheHmacSecrets'>,
    readonly clock: Clock,
    metrics: AuthMetrics,
    logger: Logger,
  ) {
    this.signer = new Signer(config.cacheHmacSecrets);
    this.time = new RedisTime(clock);
    this.refused = new RefusedValues(metrics, clock, logger);
  }
}
