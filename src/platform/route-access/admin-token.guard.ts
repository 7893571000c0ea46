import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { IncomingMessage } from 'node:http';
import { ProblemError } from '../../lib/http/problem-error.js';
import { bearerToken, isOneOf } from '../../lib/keys/secrets.js';
import { Logger } from '../logging/logger.js';
import { contextOf } from '../request/request-context.js';
import { RouteAccesses } from './route-access.js';

/** The tokens that open routes marked `@AdminOnly()`, any of them; a program provides its own. */
export class AdminTokens {
  constructor(readonly accepted: readonly string[]) {}
}

/**
 * Closes routes marked `@AdminOnly()` to everybody else. A wrong token is logged and not limited: the right one has to
 * get through even if others on the same address send wrong ones, or a revocation would wait.
 */
@Injectable()
export class AdminTokenGuard implements CanActivate {
  private readonly routes: RouteAccesses;

  constructor(
    reflector: Reflector,
    private readonly tokens: AdminTokens,
    private readonly logger: Logger,
  ) {
    this.routes = new RouteAccesses(reflector);
  }

  /** @throws ProblemError `endpoint-not-found` without configured tokens, `admin-token-required` for other callers */
  canActivate(context: ExecutionContext): true {
    if (this.routes.of(context) !== 'admin-token') return true;
    const { accepted } = this.tokens;
    if (accepted.length === 0) throw new ProblemError('endpoint-not-found');
    const request = context.getArgByIndex<IncomingMessage>(0);
    const { authorization } = request.headers;
    if (isOneOf(bearerToken(authorization) ?? '', accepted)) return true;
    if (authorization !== undefined) {
      const { requestId, clientIp } = contextOf(request);
      this.logger.warn('admin_auth_failed', { request_id: requestId, client_ip: clientIp });
    }
    throw new ProblemError('admin-token-required', {
      headers: { 'www-authenticate': 'Bearer realm="admin"' },
      reason: authorization === undefined ? 'admin token missing' : 'admin token wrong',
    });
  }
}
