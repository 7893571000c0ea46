import { setTimeout as delay } from 'node:timers/promises';
import { errorFields, Logger } from '../../platform/logging/logger.js';
import type { DatabaseConfig } from '../config/database.config.js';
import { migrate } from './migrator.js';
import { isStorageAway } from './storage-fault.js';

const RETRY_EVERY_MS = 100;

/**
 * Migrates the database, waiting for one that does not answer yet: services of a composition start in any order.
 *
 * @throws the last error where it still does not answer after `startTimeoutSeconds`
 */
export async function migrateWhenReady(
  config: Pick<DatabaseConfig, 'url' | 'poolSize' | 'timeoutMs' | 'startTimeoutSeconds'>,
  logger: Logger,
): Promise<void> {
  const deadline = performance.now() + config.startTimeoutSeconds * 1000;
  for (let waited = false; ; waited = true) {
    try {
      const migrations = await migrate(config, 'up');
      if (migrations.length > 0) logger.info('database_migrated', { migrations });
      return;
    } catch (error) {
      if (!isStorageAway(error) || performance.now() >= deadline) throw error;
      if (!waited) logger.warn('database_not_ready', errorFields(error));
      await delay(RETRY_EVERY_MS);
    }
  }
}
