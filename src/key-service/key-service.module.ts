import { Module, type DynamicModule } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { redactedTarget } from '../lib/http/redacted-target.js';
import { RedisConfig } from '../platform/config/redis.config.js';
import { FallbackModule } from '../platform/http/fallback.module.js';
import { OpenApiModule } from '../platform/openapi/openapi.module.js';
import { PlatformModule, type PlatformParts } from '../platform/platform.module.js';
import { AdminAuthModule } from './admin-auth/admin-auth.module.js';
import { AdminGuard } from './admin-auth/admin.guard.js';
import { AuditModule } from './audit/audit.module.js';
import { ConsoleModule } from './console/console.module.js';
import { keyServiceConfigModule, type KeyServiceConfigs } from './config/key-service-config.module.js';
import { InvalidationModule } from './invalidation/invalidation.module.js';
import { KeyServiceHealthModule } from './health/key-service-health.module.js';
import { StorageFaultModule } from './storage/storage-fault.module.js';
import { KeysModule } from './keys/keys.module.js';
import { keyServiceOpenApi } from './openapi/openapi.document.js';
import { NoticesModule } from './notices/notices.module.js';
import { RotationModule } from './rotation/rotation.module.js';
import { ServicesModule } from './services/services.module.js';
import { StorageModule } from './storage/storage.module.js';
import { UsageRecordsModule } from './usage/usage-records.module.js';
import { ValidationModule } from './validation/validation.module.js';

/** Composition root of the key service. Every route needs an admin token unless it says otherwise. */
@Module({})
export class KeyServiceModule {
  static with(
    parts: Pick<PlatformParts, 'clock' | 'logger' | 'tracing'>,
    configs: KeyServiceConfigs,
  ): DynamicModule {
    return {
      module: KeyServiceModule,
      imports: [
        // Gateways share a Redis; the key service keeps everything in its database.
        PlatformModule.with({
          ...parts,
          redactTarget: redactedTarget,
          server: configs.server,
          redis: new RedisConfig(),
        }),
        keyServiceConfigModule(configs),
        StorageModule,
        AdminAuthModule,
        KeyServiceHealthModule,
        // Validation is imported before the keys: otherwise "validate" in its route would be read as the id of a key.
        ValidationModule,
        KeysModule,
        UsageRecordsModule,
        AuditModule,
        InvalidationModule,
        ServicesModule,
        NoticesModule,
        RotationModule,
        ...(configs.console.enabled ? [ConsoleModule] : []),
        OpenApiModule.with(keyServiceOpenApi()),
        StorageFaultModule,
        FallbackModule.with({
          notFoundMessage: 'No such endpoint on this server. Keys are served under /api/v1/keys.',
        }),
      ],
      providers: [{ provide: APP_GUARD, useExisting: AdminGuard }],
    };
  }
}
