import { Global, Module, type OnApplicationShutdown } from '@nestjs/common';
import { DatabaseConfig } from '../config/database.config.js';
import { errorFields, Logger } from '../../platform/logging/logger.js';
import { Database, openDatabase } from './database.js';
import { migrateWhenReady } from './migrate-when-ready.js';

/** The database, migrated before anything else is built on it and closed after everything else. */
@Global()
@Module({
  providers: [
    {
      provide: Database,
      inject: [DatabaseConfig, Logger],
      useFactory: async (config: DatabaseConfig, logger: Logger): Promise<Database> => {
        await migrateWhenReady(config, logger);
        return openDatabase(config, {
          onIdleError: (error) => logger.warn('database_connection_lost', errorFields(error)),
        });
      },
    },
  ],
  exports: [Database],
})
export class StorageModule implements OnApplicationShutdown {
  constructor(private readonly database: Database) {}

  async onApplicationShutdown(): Promise<void> {
    await this.database.close();
  }
}
