import { Module, type CanActivate, type DynamicModule, type Provider, type Type } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { redactedTarget } from '../lib/http/redacted-target.js';
import { bearersOf } from '../lib/keys/named-token.js';
import { FallbackModule } from '../platform/http/fallback.module.js';
import { OpenApiModule } from '../platform/openapi/openapi.module.js';
import { PlatformModule, type PlatformParts } from '../platform/platform.module.js';
import { AdminTokenGuard, AdminTokens } from '../platform/route-access/admin-token.guard.js';
import { AccessGuard } from './access/access.guard.js';
import { AccessModule } from './access/access.module.js';
import { GrantGuard } from './access/grant.guard.js';
import { AuthenticationGuard } from './auth/authentication.guard.js';
import { AuthModule } from './auth/auth.module.js';
import { ApiKeyAuthenticator } from './auth/credential/api-key.authenticator.js';
import { AUTHENTICATORS, type Authenticator } from './auth/credential/authenticator.js';
import { KeyRecheck } from './auth/key-recheck.js';
import { AuthzController, DECISION_GUARDS } from './authz/authz.controller.js';
import { BrowserModule } from './browser/browser.module.js';
import { SessionAuthenticator } from './browser/session.authenticator.js';
import { gatewayConfigModule, type GatewayConfigs } from './config/gateway-config.module.js';
import { ExplainModule } from './explain/explain.module.js';
import { FailedRequestsMetrics } from './failed-requests.metrics.js';
import { GatewayHealthModule } from './health/gateway-health.module.js';
import { MlflowProxyModule } from './mlflow-proxy/mlflow-proxy.module.js';
import { gatewayOpenApi } from './openapi/openapi.document.js';
import { RateLimitGuard } from './rate-limit/rate-limit.guard.js';
import { RateLimitModule } from './rate-limit/rate-limit.module.js';
import { UsageReportModule } from './usage/usage-report.module.js';

/**
 * The order in which every route is guarded. A route needs a credential unless a decorator says otherwise: `@Public()`,
 * or `@AdminOnly()`, which the first guard answers for.
 */
const GUARDS: readonly Type<CanActivate>[] = [
  AdminTokenGuard,
  AuthenticationGuard,
  AccessGuard,
  RateLimitGuard,
  GrantGuard,
];

/** The authenticators, in the order in which they are asked: the first responsible one decides. */
function authenticatorOrder({ session }: GatewayConfigs): readonly Type<Authenticator>[] {
  return session.enabled ? [ApiKeyAuthenticator, SessionAuthenticator] : [ApiKeyAuthenticator];
}

/** All guards but the first: `/authz` uses the same ones for its decisions. */
function decisionGuards(): Provider {
  return {
    provide: DECISION_GUARDS,
    inject: GUARDS.filter((guard) => guard !== AdminTokenGuard),
    useFactory: (...guards: CanActivate[]) => guards,
  };
}

function authenticatorList(order: readonly Type<Authenticator>[]): Provider {
  return {
    provide: AUTHENTICATORS,
    inject: [...order],
    useFactory: (...authenticators: Authenticator[]) => authenticators,
  };
}

/** Composition root of the gateway. */
@Module({})
export class GatewayModule {
  static with(
    parts: Pick<PlatformParts, 'clock' | 'logger' | 'tracing'>,
    configs: GatewayConfigs,
  ): DynamicModule {
    return {
      module: GatewayModule,
      imports: [
        PlatformModule.with({
          ...parts,
          redactTarget: redactedTarget,
          server: configs.server,
          redis: configs.redis,
        }),
        gatewayConfigModule(configs),
        AuthModule,
        AccessModule,
        RateLimitModule,
        UsageReportModule,
        // These come before the proxy, because their routes are below the proxy's mounts.
        GatewayHealthModule,
        OpenApiModule.with(gatewayOpenApi()),
        ExplainModule,
        ...(configs.session.enabled ? [BrowserModule] : []),
        MlflowProxyModule,
        FallbackModule.with({ hideAdminRoutes: configs.auth.adminTokens.length === 0 }),
      ],
      controllers: configs.authz.trustedPeers.length > 0 ? [AuthzController] : [],
      providers: [
        decisionGuards(),
        { provide: AdminTokens, useValue: new AdminTokens(configs.auth.adminTokens.flatMap(bearersOf)) },
        AdminTokenGuard,
        AuthenticationGuard,
        authenticatorList(authenticatorOrder(configs)),
        KeyRecheck,
        FailedRequestsMetrics,
        ...GUARDS.map((guard) => ({ provide: APP_GUARD, useExisting: guard })),
      ],
    };
  }
}
