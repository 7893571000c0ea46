import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { Request, Response } from 'express';
import { ProblemError } from '../../lib/http/problem-error.js';
import { bearerToken } from '../../lib/keys/secrets.js';
import { Logger } from '../../platform/logging/logger.js';
import { RouteAccesses } from '../../platform/route-access/route-access.js';
import { contextOf } from '../../platform/request/request-context.js';
import { ALSO_FOR_SERVICES } from './also-for-services.decorator.js';
import { AdminFailures } from './admin-failures.js';
import { CallerTokens } from './caller-tokens.js';
import { setCaller } from './current-actor.decorator.js';

/** Refuses callers without an admin token on every route, unless a decorator opens the route. */
@Injectable()
export class AdminGuard implements CanActivate {
  private readonly routes: RouteAccesses;

  constructor(
    private readonly reflector: Reflector,
    private readonly tokens: CallerTokens,
    private readonly failures: AdminFailures,
    private readonly logger: Logger,
  ) {
    this.routes = new RouteAccesses(reflector);
  }

  canActivate(context: ExecutionContext): boolean {
    const request = context.switchToHttp().getRequest<Request>();
    const route = (request as { route?: { path?: unknown } }).route?.path;
    if (typeof route === 'string') contextOf(request).route = route;
    context.switchToHttp().getResponse<Response>().setHeader('cache-control', 'no-store');
    const access = this.routes.of(context);
    if (access === 'public' || access === 'metrics-token') return true;
    const targets = [context.getHandler(), context.getClass()];
    const services =
      this.reflector.getAllAndOverride<boolean | undefined>(ALSO_FOR_SERVICES, targets) ?? false;
    this.authenticate(request, services);
    return true;
  }

  /** The token is checked before the limit: wrong tokens of others at the same address must not delay a revocation. */
  private authenticate(request: Request, services: boolean): void {
    const token = bearerToken(request.headers.authorization);
    if (token !== undefined) {
      const admin = this.tokens.adminName(token);
      if (admin !== undefined) return setCaller(request, `admin:${admin}`);
      if (services && this.tokens.isService(token)) return;
    }
    throw this.refusal(request, token);
  }

  private refusal(request: Request, token: string | undefined): ProblemError {
    const { clientIp, requestId } = contextOf(request);
    const waitSeconds = this.failures.retryAfterSeconds(clientIp);
    if (waitSeconds !== undefined)
      return new ProblemError('too-many-failed-attempts', {
        message:
          'Too many requests from this address without the right token. Wait for the seconds in Retry-After.',
        reason: 'admin-token-limited',
        retryAfterSeconds: waitSeconds,
      });
    this.failures.failed(clientIp);
    if (token !== undefined)
      this.logger.warn('admin_auth_failed', { request_id: requestId, client_ip: clientIp });
    return new ProblemError('admin-token-required', {
      headers: { 'www-authenticate': 'Bearer realm="key-service"' },
      reason: token === undefined ? 'admin-token-missing' : 'admin-token-wrong',
    });
  }
}
