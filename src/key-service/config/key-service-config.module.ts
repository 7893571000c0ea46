import { Global, Module, type DynamicModule } from '@nestjs/common';
import { loadConfigs, type Environment } from '../../platform/config/env.js';
import { AdminAuthConfig } from './admin-auth.config.js';
import { DatabaseConfig } from './database.config.js';
import { HashingConfig } from './hashing.config.js';
import { InvalidationConfig } from './invalidation.config.js';
import { KeyServiceServerConfig } from './key-service-server.config.js';
import { LifecycleConfig } from './lifecycle.config.js';
import { UsageConfig } from './usage.config.js';
import { ValidationConfig } from './validation.config.js';

/** All of the key service's configuration, loaded and frozen. */
export interface KeyServiceConfigs {
  server: KeyServiceServerConfig;
  adminAuth: AdminAuthConfig;
  database: DatabaseConfig;
  hashing: HashingConfig;
  validation: ValidationConfig;
  lifecycle: LifecycleConfig;
  invalidation: InvalidationConfig;
  usage: UsageConfig;
}

/** Every class whose variables the key service reads. */
export const KEY_SERVICE_CONFIG_CLASSES = [
  KeyServiceServerConfig,
  AdminAuthConfig,
  DatabaseConfig,
  HashingConfig,
  ValidationConfig,
  LifecycleConfig,
  InvalidationConfig,
  UsageConfig,
] as const;

/** @throws ConfigError with all problems at once */
export function loadKeyServiceConfigs(env: Environment): KeyServiceConfigs {
  const [server, adminAuth, database, hashing, validation, lifecycle, invalidation, usage] = loadConfigs(
    env,
    KEY_SERVICE_CONFIG_CLASSES,
  );
  return { server, adminAuth, database, hashing, validation, lifecycle, invalidation, usage };
}

/** Makes each config class its own injection token. */
@Global()
@Module({})
export class KeyServiceConfigModule {
  static with(configs: KeyServiceConfigs): DynamicModule {
    const providers = [
      { provide: AdminAuthConfig, useValue: configs.adminAuth },
      { provide: DatabaseConfig, useValue: configs.database },
      { provide: HashingConfig, useValue: configs.hashing },
      { provide: ValidationConfig, useValue: configs.validation },
      { provide: LifecycleConfig, useValue: configs.lifecycle },
      { provide: InvalidationConfig, useValue: configs.invalidation },
      { provide: UsageConfig, useValue: configs.usage },
    ];
    return { module: KeyServiceConfigModule, providers, exports: providers };
  }
}
