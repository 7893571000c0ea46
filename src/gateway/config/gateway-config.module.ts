import type { DynamicModule } from '@nestjs/common';
import { configModule, loadConfigsOf, type ConfigsOf } from '../../platform/config/config-module.js';
import type { Environment } from '../../platform/config/env.js';
import { RedisConfig } from '../../platform/config/redis.config.js';
import { TracingConfig } from '../../platform/config/tracing.config.js';
import { AccessConfig } from './access.config.js';
import { AuthConfig } from './auth.config.js';
import { AuthzConfig } from './authz.config.js';
import { GatewayServerConfig } from './gateway-server.config.js';
import { MlflowConfig } from './mlflow.config.js';
import { RateLimitConfig } from './rate-limit.config.js';
import { SessionConfig } from './session.config.js';
import { UsageReportConfig } from './usage-report.config.js';

const CLASSES = {
  server: GatewayServerConfig,
  tracing: TracingConfig,
  redis: RedisConfig,
  auth: AuthConfig,
  access: AccessConfig,
  authz: AuthzConfig,
  mlflow: MlflowConfig,
  rateLimit: RateLimitConfig,
  usage: UsageReportConfig,
  session: SessionConfig,
};

/** All of the gateway's configuration, loaded and frozen. */
export type GatewayConfigs = ConfigsOf<typeof CLASSES>;

/** Every class whose variables the gateway reads. */
export const GATEWAY_CONFIG_CLASSES = Object.values(CLASSES);

/** @throws ConfigError with all problems at once */
export function loadGatewayConfigs(env: Environment): GatewayConfigs {
  return loadConfigsOf(CLASSES, env, ({ redis, auth, authz, server }) => [
    ...sharingProblems(redis, auth),
    ...peerProblems(authz, server),
  ]);
}

/** Without a secret, everybody who may write to Redis could forge what replicas share there. */
function sharingProblems(redis: RedisConfig, auth: AuthConfig): string[] {
  return redis.url !== undefined && auth.cacheHmacSecrets.length === 0
    ? [
        'CACHE_HMAC_SECRET is required with REDIS_URL: a random text of 16 characters or more, the same on all replicas',
      ]
    : [];
}

/** A proxy that asks for its clients says who they are in X-Forwarded-For. */
function peerProblems({ trustedPeers }: AuthzConfig, { trustedProxyHops }: GatewayServerConfig): string[] {
  return trustedPeers.length > 0 && trustedProxyHops === 0
    ? [
        'AUTHZ_TRUSTED_PEERS needs TRUSTED_PROXY_HOPS of 1 or more, or every client would have the address of its proxy',
      ]
    : [];
}

/** Makes each config class its own injection token. */
export function gatewayConfigModule(configs: GatewayConfigs): DynamicModule {
  return configModule(CLASSES, configs);
}
