import { Controller, Get, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';
import type { WhoamiResponse } from '../../contracts/keys/access-explain.js';
import { MLFLOW_MOUNTS, ROUTE_WHOAMI } from '../../contracts/http/routes.js';
import { contextOf } from '../../platform/request/request-context.js';
import { NeedsNoScope } from '../access/no-scope.decorator.js';
import { AccessConfig } from '../config/access.config.js';
import { AuthConfig } from '../config/auth.config.js';
import { FIELD_AUTH_CACHE } from '../principal/key-log-fields.js';
import { principalOf } from '../principal/principal.js';
import { LimitReport } from './limit-report.js';
import { scopeReport } from './scope-report.js';

const ROUTES = [ROUTE_WHOAMI, ...MLFLOW_MOUNTS.map((mount) => mount + ROUTE_WHOAMI)];

/** `GET /whoami`: every valid key may ask what it may do. It counts against the key's limits, and is no use of MLflow. */
@Controller()
export class WhoamiController {
  constructor(
    private readonly auth: AuthConfig,
    private readonly access: AccessConfig,
    private readonly limits: LimitReport,
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
      limits: this.limits.ofKey(facts, response),
      expires_at: facts.expiresAtMs === null ? null : new Date(facts.expiresAtMs).toISOString(),
      allowed_ips: facts.allowedIps,
      client_ip: context.clientIp,
      cache: context.fields.values[FIELD_AUTH_CACHE] ?? null,
    };
  }
}
