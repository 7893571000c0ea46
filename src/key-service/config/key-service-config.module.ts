import type { DynamicModule } from '@nestjs/common';
import { configModule, loadConfigsOf, type ConfigsOf } from '../../platform/config/config-module.js';
import type { Environment } from '../../platform/config/env.js';
import { TracingConfig } from '../../platform/config/tracing.config.js';
import { AdminAuthConfig } from './admin-auth.config.js';
import { ConsoleConfig } from './console.config.js';
import { DatabaseConfig } from './database.config.js';
import { HashingConfig } from './hashing.config.js';
import { InvalidationConfig } from './invalidation.config.js';
import { KeyServiceServerConfig } from './key-service-server.config.js';
import { LifecycleConfig } from './lifecycle.config.js';
import { UsageRecordsConfig } from './usage-records.config.js';
import { NoticesConfig } from './notices.config.js';
import { RotationConfig } from './rotation.config.js';
import { ValidationConfig } from './validation.config.js';

const CLASSES = {
  server: KeyServiceServerConfig,
  tracing: TracingConfig,
  adminAuth: AdminAuthConfig,
  console: ConsoleConfig,
  database: DatabaseConfig,
  hashing: HashingConfig,
  validation: ValidationConfig,
  lifecycle: LifecycleConfig,
  invalidation: InvalidationConfig,
  notices: NoticesConfig,
  rotation: RotationConfig,
  usage: UsageRecordsConfig,
};

/** All of the key service's configuration, loaded and frozen. */
export type KeyServiceConfigs = ConfigsOf<typeof CLASSES>;

/** Every class whose variables the key service reads. */
export const KEY_SERVICE_CONFIG_CLASSES = Object.values(CLASSES);

/** @throws ConfigError with all problems at once */
export function loadKeyServiceConfigs(env: Environment): KeyServiceConfigs {
  return loadConfigsOf(CLASSES, env);
}

/** Makes each config class its own injection token. */
export function keyServiceConfigModule(configs: KeyServiceConfigs): DynamicModule {
  return configModule(CLASSES, configs);
}
