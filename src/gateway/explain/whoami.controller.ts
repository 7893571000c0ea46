import { Controller, Get, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';
import type { KeyLimit, WhoamiResponse } from '../../contracts/access-explain.js';
import { MLFLOW_MOUNTS, ROUTE_WHOAMI } from '../../contracts/routes.js';
import { contextOf } from '../../platform/request/request-context.js';
import { NeedsNoScope } from '../access/no-scope.decorator.js';
import { AccessConfig } from '../config/access.config.js';
import { AuthConfig } from '../config/auth.config.js';
import type { KeyFacts } from '../principal/key-facts.js';
import { FIELD_AUTH_CACHE } from '../principal/key-log-fields.js';
import { principalOf } from '../principal/principal.js';
import { remainingOf } from '../rate-limit/rate-limit-headers.js';
import { RatePlan } from '../rate-limit/rate-plan.js';
import { scopeReport } from './scope-report.js';

const ROUTES = [ROUTE_WHOAMI, ...MLFLOW_MOUNTS.map((mount) => mount + ROUTE_WHOAMI)];

/** `GET /whoami`: every valid key may ask what it may do. It counts against the key's limits, and is no use of MLflow. */
@Controller()
export class WhoamiController {
  constructor(
    private readonly auth: AuthConfig,
    private readonly access: AccessConfig,
    private readonly plan: RatePlan,
  ) {}

  @Get(ROUTES)
  @NeedsNoScope('shows the holder of a key what the key may do')
  whoami(@Req() request: Request, @Res({ passthrough: true }) response: Response): WhoamiResponse {
    const context = contextOf(request);
    context.route = 'whoami';
    context.metered = false;
    const principal = principalOf(request);
    if (!principal) throw new Error('no principal');
    const { facts, source } = principal;
    response.setHeader('cache-control', 'no-store');
    return {
      key_id: facts.keyId,
      user_id: facts.userId,
      service_id: facts.serviceId,
      environment: facts.environment,
      credential: source,
      ...scopeReport(facts.scopes, {
        requireScopes: this.auth.requireScopes,
        accessIncludesAdmin: this.access.accessIncludesAdmin,
        withGrants: facts.grants !== null,
        unknownRoutes: this.access.unknownRoutes,
      }),
      grants: facts.grants,
      limits: this.limitsOf(facts, response),
      expires_at: facts.expiresAtMs === null ? null : new Date(facts.expiresAtMs).toISOString(),
      allowed_ips: facts.allowedIps,
      client_ip: context.clientIp,
      cache: context.fields.values[FIELD_AUTH_CACHE] ?? null,
    };
  }

  private limitsOf(facts: KeyFacts, response: Response): KeyLimit[] {
    return this.plan.overview(facts).map(({ budget, limit }) => {
      const standing = remainingOf(response, budget.name);
      return {
        name: budget.name,
        counts: budget.action ?? 'all',
        limit,
        window_seconds: budget.shape.windowMs / 1000,
        remaining: standing?.remaining ?? null,
        reset_seconds: standing?.resetSeconds ?? null,
      };
    });
  }
}
