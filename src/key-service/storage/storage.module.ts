import { Global, Module, type OnApplicationShutdown } from '@nestjs/common';
import { DatabaseConfig } from '../config/database.config.js';
import { errorFields, Logger } from '../../platform/logging/logger.js';
import { Database, openDatabase, parseDatabaseUrl } from './database.js';
import { migrateWhenReady } from './migrate-when-ready.js';
import { claimSqliteFile } from './sqlite-claim.js';
import { asStartError } from './start-problem.js';

/** The database, migrated before anything else is built on it and closed after everything else. */
@Global()
@Module({
  providers: [{ provide: Database, inject: [DatabaseConfig, Logger], useFactory: openWhenReady }],
  exports: [Database],
})
export class StorageModule implements OnApplicationShutdown {
  constructor(private readonly database: Database) {}

  async onApplicationShutdown(): Promise<void> {
    await this.database.close();
  }
}

async function openWhenReady(config: DatabaseConfig, logger: Logger): Promise<Database> {
  const { engine, path } = parseDatabaseUrl(config.url);
  const release = engine === 'sqlite' ? claimSqliteFile(path) : undefined;
  try {
    await migrateWhenReady(config, logger);
    const database = openDatabase(config, {
      onIdleError: (error) => logger.warn('database_connection_lost', errorFields(error)),
      onClosed: release,
    });
    // Tests a connection with the settings that requests use: a pooler may refuse it although it accepted the
    // migration.
    await database.ping();
    return database;
  } catch (error) {
    release?.();
    throw asStartError(error);
  }
}
