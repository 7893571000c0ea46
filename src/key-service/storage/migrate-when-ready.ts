import { setTimeout as delay } from 'node:timers/promises';
import { errorFields, Logger } from '../../platform/logging/logger.js';
import { StartError } from '../../platform/start-error.js';
import type { DatabaseConfig } from '../config/database.config.js';
import { migrate, schemaState } from './migrator.js';
import { asStartError } from './start-problem.js';
import { isStorageAway } from './storage-fault.js';

const RETRY_EVERY_MS = 100;

type Settings = Pick<
  DatabaseConfig,
  'url' | 'poolSize' | 'timeoutMs' | 'startTimeoutSeconds' | 'migrateAtStart'
>;

/**
 * Migrates the database, or waits until somebody else has; waits too for one that does not answer yet, because
 * services of a composition start in any order.
 *
 * @throws StartError where the database cannot be used; the last error where it does not answer after
 *   `startTimeoutSeconds`
 */
export async function migrateWhenReady(config: Settings, logger: Logger): Promise<void> {
  const deadline = performance.now() + config.startTimeoutSeconds * 1000;
  for (let waited = false; ; waited = true) {
    const overdue = performance.now() >= deadline;
    try {
      if (await isMigrated(config, logger)) return;
      if (overdue) throw notMigrated();
      if (!waited) logger.warn('database_not_migrated');
    } catch (error) {
      const known = asStartError(error);
      if (known instanceof StartError || overdue || !isStorageAway(error)) throw known;
      if (!waited) logger.warn('database_not_ready', errorFields(error));
    }
    await delay(RETRY_EVERY_MS);
  }
}

async function isMigrated(config: Settings, logger: Logger): Promise<boolean> {
  const migrations = config.migrateAtStart ? await migrate(config, 'up') : [];
  if (migrations.length > 0) logger.info('database_migrated', { migrations });
  const { pending, newer } = await schemaState(config);
  if (newer.length > 0) logger.warn('database_newer', { migrations: newer });
  return pending.length === 0;
}

function notMigrated(): StartError {
  return new StartError(
    'The database lacks migrations of this version, and MIGRATE_AT_START is false: run "main.js migrate" of this version first.',
  );
}
