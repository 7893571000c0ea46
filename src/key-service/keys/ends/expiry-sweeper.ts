import { Injectable, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { Counter, Registry } from 'prom-client';
import { errorFields, Logger } from '../../../platform/logging/logger.js';
import { RepeatedWork } from '../../../platform/repeated-work.js';
import { SYSTEM_ACTOR } from '../../audit/audit-writer.js';
import { LifecycleConfig } from '../../config/lifecycle.config.js';
import { KeyChanges } from '../key-changes.js';
import { KeysRepository } from '../keys.repository.js';

/** Keys of one transaction: small, so that a sweep of many never holds up requests for long. */
const BATCH = 100;

/**
 * Switches expired keys off, with an audit entry each. They are refused before that too, here and at the gateways,
 * which know when a key expires and need no message.
 */
@Injectable()
export class ExpirySweeper implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly sweeps = new RepeatedWork(() => this.sweepAll());
  private readonly swept: Counter;

  constructor(
    private readonly keys: KeysRepository,
    private readonly changes: KeyChanges,
    private readonly config: LifecycleConfig,
    private readonly logger: Logger,
    registry: Registry,
  ) {
    this.swept = new Counter({
      name: 'keys_swept_total',
      help: 'Expired keys that this replica switched off',
      registers: [registry],
    });
  }

  onApplicationBootstrap(): void {
    this.sweeps.start(this.config.sweepIntervalSeconds * 1000);
  }

  beforeApplicationShutdown(): Promise<void> {
    return this.sweeps.stop();
  }

  /** @returns how many keys this call switched off, once one that is under way has ended */
  sweep(): Promise<number> {
    return this.sweeps.run();
  }

  private async sweepAll(): Promise<number> {
    let total = 0;
    try {
      for (let count = BATCH; count === BATCH && !this.sweeps.stopping; total += count)
        count = await this.sweepBatch();
    } catch (error) {
      this.logger.warn('expired_keys_not_swept', errorFields(error));
    }
    if (total > 0) this.logger.info('expired_keys_swept', { keys: total });
    return total;
  }

  private async sweepBatch(): Promise<number> {
    const count = await this.changes.run(SYSTEM_ACTOR, async ({ db, now, audit }) => {
      const expired = await this.keys.expire(db, now, BATCH);
      for (const { id, expiresAt } of expired)
        audit({ action: 'key.expired', keyId: id, details: { expires_at: expiresAt } });
      return expired.length;
    });
    this.swept.inc(count);
    return count;
  }
}
