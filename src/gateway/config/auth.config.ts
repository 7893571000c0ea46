import { IsIn, IsInt, IsString, Max, Min } from 'class-validator';
import { SERVICE_ID_ML_PLATFORM } from '../../contracts/keys/key-validation.js';
import { Env } from '../../platform/config/env.js';
import { tokenProblems, tooShort } from '../../platform/config/secret-rules.js';
import { serviceUrlProblems } from './service-url.js';

/** The auth service, what is cached of its answers, and who may invalidate it. */
export class AuthConfig {
  @Env('HOKUSAI_AUTH_SERVICE_URL', { about: 'Auth service that validates API keys' })
  @IsString()
  serviceUrl = 'https://auth.hokus.ai';

  @Env('HOKUSAI_AUTH_SERVICE_TOKEN', {
    secret: true,
    about: "The gateway's own credential, for auth services that authenticate their callers",
  })
  serviceToken: string | undefined = undefined;

  @Env('AUTH_CONTRACT', { about: 'How the key travels to the auth service: auto, body or header' })
  @IsIn(['auto', 'body', 'header'])
  contract: 'auto' | 'body' | 'header' = 'auto';

  @Env('AUTH_SERVICE_ID', { about: 'Service that keys must be for' })
  @IsString()
  serviceId = SERVICE_ID_ML_PLATFORM;

  @Env('AUTH_REQUIRE_SCOPES', {
    kind: 'boolean',
    about: 'Refuse keys of which the auth service names no scopes, instead of taking them as mlflow:access',
  })
  requireScopes = false;

  @Env('AUTH_REQUIRE_GRANTS', {
    kind: 'boolean',
    about: 'Refuse keys without grants, instead of deciding by their scopes alone',
  })
  requireGrants = false;

  @Env('ALLOW_QUERY_API_KEY', { kind: 'boolean', about: 'Accept a key in the query as ?api_key=' })
  allowQueryApiKey = false;

  @Env('AUTH_TIMEOUT_MS', {
    kind: 'integer',
    unit: 'ms',
    about: 'Longest wait for one answer of the auth service',
  })
  @IsInt()
  @Min(10)
  @Max(60_000)
  timeoutMs = 2000;

  @Env('AUTH_RETRY_ATTEMPTS', {
    kind: 'integer',
    unit: 'attempts',
    about: 'Calls that may follow a failed one, with exponential back-off',
  })
  @IsInt()
  @Min(0)
  @Max(10)
  retryAttempts = 2;

  @Env('AUTH_CACHE_TTL_SECONDS', {
    kind: 'integer',
    unit: 'seconds',
    about: 'How long facts about a key are fresh',
  })
  @IsInt()
  @Min(0)
  @Max(86_400)
  cacheTtlSeconds = 300;

  @Env('AUTH_CACHE_NEGATIVE_TTL_SECONDS', {
    kind: 'integer',
    unit: 'seconds',
    about: 'How long a refusal is cached',
  })
  @IsInt()
  @Min(0)
  @Max(3600)
  cacheNegativeTtlSeconds = 30;

  @Env('AUTH_CACHE_STALE_WHILE_REVALIDATE_SECONDS', {
    kind: 'integer',
    unit: 'seconds',
    about: 'How long after that facts are still used while they are fetched again',
  })
  @IsInt()
  @Min(0)
  @Max(86_400)
  cacheStaleWhileRevalidateSeconds = 60;

  @Env('AUTH_CACHE_STALE_IF_ERROR_SECONDS', {
    kind: 'integer',
    unit: 'seconds',
    about: 'How long after their freshness facts are used while the auth service is down',
  })
  @IsInt()
  @Min(0)
  @Max(86_400)
  cacheStaleIfErrorSeconds = 900;

  @Env('AUTH_CACHE_MAX_ENTRIES', {
    kind: 'integer',
    unit: 'keys',
    about: 'Keys cached in memory, per replica',
  })
  @IsInt()
  @Min(1)
  @Max(10_000_000)
  cacheMaxEntries = 100_000;

  @Env('AUTH_CACHE_MAX_REFUSALS', {
    kind: 'integer',
    unit: 'keys',
    about: 'Refused keys cached in memory, per replica; they never evict valid keys',
  })
  @IsInt()
  @Min(1)
  @Max(10_000_000)
  cacheMaxRefusals = 10_000;

  @Env('CACHE_HMAC_SECRET', {
    kind: 'list',
    secret: true,
    about:
      'Secrets, separated by commas and the same on all replicas, that name and sign what is shared in Redis: the first one writes, all of them read; required with REDIS_URL',
  })
  cacheHmacSecrets: string[] = [];

  @Env('AUTH_BREAKER_FAILURES', {
    kind: 'integer',
    unit: 'calls',
    about:
      'Failed calls in a row that open the circuit breaker: the auth service is then not called for a while',
  })
  @IsInt()
  @Min(1)
  @Max(10_000)
  breakerFailures = 10;

  @Env('AUTH_BREAKER_RESET_SECONDS', {
    kind: 'integer',
    unit: 'seconds',
    about: 'How long the breaker stays open before one call tries again',
  })
  @IsInt()
  @Min(1)
  @Max(3600)
  breakerResetSeconds = 5;

  @Env('GATEWAY_ADMIN_TOKEN', {
    kind: 'list',
    secret: true,
    about:
      'Bearer tokens for /internal/* and /health/detailed, separated by commas; unset: HOKUSAI_ADMIN_TOKEN',
  })
  gatewayAdminTokens: string[] = [];

  @Env('HOKUSAI_ADMIN_TOKEN', {
    kind: 'list',
    secret: true,
    about:
      'Admin tokens, separated by commas, where GATEWAY_ADMIN_TOKEN is not set; neither: those routes answer 404',
  })
  hokusaiAdminTokens: string[] = [];

  /** Tokens that open the gateway's own administration; empty closes it. */
  get adminTokens(): readonly string[] {
    return this.gatewayAdminTokens.length > 0 ? this.gatewayAdminTokens : this.hokusaiAdminTokens;
  }

  check(): string[] {
    const problems = serviceUrlProblems('HOKUSAI_AUTH_SERVICE_URL', this.serviceUrl);
    if (this.serviceToken !== undefined && this.contract === 'header')
      problems.push('AUTH_CONTRACT=header leaves no header for HOKUSAI_AUTH_SERVICE_TOKEN: use body or auto');
    const given = (secret: string | undefined): string[] => (secret === undefined ? [] : [secret]);
    return [
      ...problems,
      ...tokenProblems('HOKUSAI_AUTH_SERVICE_TOKEN', given(this.serviceToken)),
      ...tokenProblems('GATEWAY_ADMIN_TOKEN', this.gatewayAdminTokens),
      ...tokenProblems('HOKUSAI_ADMIN_TOKEN', this.hokusaiAdminTokens),
      ...tooShort('CACHE_HMAC_SECRET', this.cacheHmacSecrets),
    ];
  }
}
