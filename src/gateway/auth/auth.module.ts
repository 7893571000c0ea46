import { Module, type OnApplicationBootstrap } from '@nestjs/common';
import { sendsInTheClear } from '../../lib/http/plain-http.js';
import { Clock } from '../../platform/clock.js';
import { HealthIndicators } from '../../platform/observability/health-indicators.js';
import { Logger } from '../../platform/logging/logger.js';
import { REDIS_LINK } from '../../platform/platform.module.js';
import type { RedisLink } from '../../platform/redis/redis-link.js';
import { AuthConfig } from '../config/auth.config.js';
import { PrincipalModule } from '../principal/principal.module.js';
import { CachePolicy, longestWindowMs } from '../resilience/cache.policy.js';
import { ResilienceModule } from '../resilience/resilience.module.js';
import { FailedAuthLimiter } from './failed-auth/failed-auth-limiter.js';
import { RateLimitModule } from '../rate-limit/rate-limit.module.js';
import { AuthEvents } from './auth.events.js';
import { AuthMetrics } from './auth.metrics.js';
import { AuthReport } from './auth.report.js';
import { CacheNames } from './cache-names.js';
import { ApiKeyAuthenticator } from './credential/api-key.authenticator.js';
import { EntryValidity } from './facts/entry-validity.js';
import { KeyCache } from './facts/key-cache.js';
import { KeyDirectory } from './facts/key-directory.js';
import { KnownKeys } from './facts/known-keys.js';
import { MemoryFacts } from './facts/memory-facts.js';
import { SharedFacts } from './facts/shared-facts.js';
import { InvalidationController } from './invalidation/invalidation.controller.js';
import { Invalidator } from './invalidation/invalidator.js';
import { Tombstones } from './invalidation/tombstones.js';
import { VoidedKeys } from './invalidation/voided-keys.js';
import { KeyAuthentication } from './key-authentication.js';
import { Refusals } from './refusals.js';
import { SharedTrust } from './shared-trust/shared-trust.js';
import { AuthHttpModule } from './auth-service/auth-http.module.js';
import { AuthServiceClient } from './auth-service/auth-service.client.js';
import { CallPolicies } from './auth-service/call-policies.js';
import { ContractNegotiator } from './auth-service/contract.negotiator.js';
import { KeyValidator } from './auth-service/key-validator.js';
import { UnknownKeyGate } from './failed-auth/unknown-key.gate.js';

/** Longer than any call can take: a tombstone must last longer than facts that were fetched before it. */
const CALL_MARGIN_MS = 300_000;
const MAX_TOMBSTONES = 100_000;

/** What an invalidator needs besides tombstones and their lifetime. */
type InvalidatorParts =
  ConstructorParameters<typeof Invalidator> extends [unknown, unknown, ...infer Parts] ? Parts : never;

const lifetimeMs = (policy: CachePolicy): number => longestWindowMs(policy) + CALL_MARGIN_MS;

/** Authentication: credentials, cached facts of keys, and calls to the auth service. */
@Module({
  imports: [AuthHttpModule, PrincipalModule, ResilienceModule, RateLimitModule],
  controllers: [InvalidationController],
  // A factory only where a constructor takes what has to be computed first.
  providers: [
    ApiKeyAuthenticator,
    AuthEvents,
    AuthMetrics,
    AuthReport,
    AuthServiceClient,
    CallPolicies,
    EntryValidity,
    FailedAuthLimiter,
    KeyAuthentication,
    KeyCache,
    KeyDirectory,
    KeyValidator,
    MemoryFacts,
    Refusals,
    SharedTrust,
    UnknownKeyGate,
    VoidedKeys,
    {
      provide: CacheNames,
      inject: [AuthConfig],
      useFactory: (config: AuthConfig) => new CacheNames(config.cacheHmacSecrets, config.serviceId),
    },
    {
      provide: Tombstones,
      inject: [CachePolicy, VoidedKeys],
      useFactory: (policy: CachePolicy, voided: VoidedKeys) =>
        new Tombstones(lifetimeMs(policy), MAX_TOMBSTONES, voided.add),
    },
    {
      provide: SharedFacts,
      inject: [REDIS_LINK, CachePolicy, Clock, SharedTrust],
      useFactory: (link: RedisLink | null, policy: CachePolicy, clock: Clock, trust: SharedTrust) =>
        new SharedFacts(link, lifetimeMs(policy), clock, trust).open(),
    },
    {
      provide: KnownKeys,
      inject: [EntryValidity, AuthConfig],
      useFactory: (validity: EntryValidity, config: AuthConfig) =>
        new KnownKeys(validity, config.cacheMaxEntries),
    },
    {
      provide: ContractNegotiator,
      inject: [AuthConfig],
      useFactory: ({ contract, serviceToken }: AuthConfig) =>
        // The gateway's own credential is in the header, so the key goes into the body.
        new ContractNegotiator(
          contract === 'auto' ? (serviceToken === undefined ? undefined : 'body') : contract,
        ),
    },
    {
      provide: Invalidator,
      inject: [CachePolicy, Tombstones, REDIS_LINK, AuthEvents, SharedTrust],
      useFactory: (policy: CachePolicy, tombstones: Tombstones, ...parts: InvalidatorParts) =>
        new Invalidator(tombstones, lifetimeMs(policy), ...parts),
    },
  ],
  exports: [ApiKeyAuthenticator, AuthEvents, KeyAuthentication, KnownKeys, Refusals],
})
export class AuthModule implements OnApplicationBootstrap {
  constructor(
    private readonly config: AuthConfig,
    private readonly logger: Logger,
    private readonly report: AuthReport,
    private readonly metrics: AuthMetrics,
    private readonly indicators: HealthIndicators,
  ) {}

  onApplicationBootstrap(): void {
    this.report.register(this.metrics);
    this.indicators.register('auth_service', () => this.report.indicate());
    if (sendsInTheClear(this.config.serviceUrl))
      this.logger.warn('auth_service_plain_http', {
        message: 'API keys go to HOKUSAI_AUTH_SERVICE_URL over plain http://; use https:// off this machine',
      });
  }
}
