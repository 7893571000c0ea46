import { Global, Module, type DynamicModule } from '@nestjs/common';
import { loadConfigs, type Environment } from '../../platform/config/env.js';
import { RedisConfig } from '../../platform/config/redis.config.js';
import { AccessConfig } from './access.config.js';
import { AuthConfig } from './auth.config.js';
import { GatewayServerConfig } from './gateway-server.config.js';
import { MlflowConfig } from './mlflow.config.js';
import { RateLimitConfig } from './rate-limit.config.js';
import { SessionConfig } from './session.config.js';
import { UsageConfig } from './usage.config.js';

/** All of the gateway's configuration, loaded and frozen. */
export interface GatewayConfigs {
  server: GatewayServerConfig;
  redis: RedisConfig;
  auth: AuthConfig;
  access: AccessConfig;
  mlflow: MlflowConfig;
  rateLimit: RateLimitConfig;
  usage: UsageConfig;
  session: SessionConfig;
}

/** Every class whose variables the gateway reads. */
export const GATEWAY_CONFIG_CLASSES = [
  GatewayServerConfig,
  RedisConfig,
  AuthConfig,
  AccessConfig,
  MlflowConfig,
  RateLimitConfig,
  UsageConfig,
  SessionConfig,
] as const;

/** @throws ConfigError with all problems at once */
export function loadGatewayConfigs(env: Environment): GatewayConfigs {
  const [server, redis, auth, access, mlflow, rateLimit, usage, session] = loadConfigs(
    env,
    GATEWAY_CONFIG_CLASSES,
    ([, redis, auth]) => sharingProblems(redis, auth),
  );
  return { server, redis, auth, access, mlflow, rateLimit, usage, session };
}

/** What is shared in Redis without a secret could be forged by whoever may write there. */
function sharingProblems(redis: RedisConfig, auth: AuthConfig): string[] {
  return redis.url !== undefined && auth.cacheHmacSecrets.length === 0
    ? [
        'CACHE_HMAC_SECRET is required with REDIS_URL: a random text of 16 characters or more, the same on all replicas',
      ]
    : [];
}

/** Makes each config class its own injection token. */
@Global()
@Module({})
export class GatewayConfigModule {
  static with(configs: GatewayConfigs): DynamicModule {
    const providers = [
      { provide: RedisConfig, useValue: configs.redis },
      { provide: AuthConfig, useValue: configs.auth },
      { provide: AccessConfig, useValue: configs.access },
      { provide: MlflowConfig, useValue: configs.mlflow },
      { provide: RateLimitConfig, useValue: configs.rateLimit },
      { provide: UsageConfig, useValue: configs.usage },
      { provide: SessionConfig, useValue: configs.session },
    ];
    return { module: GatewayConfigModule, providers, exports: providers };
  }
}
