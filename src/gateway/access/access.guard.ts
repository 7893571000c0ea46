import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { IncomingMessage } from 'node:http';
import { ProblemError } from '../../lib/http/problem-error.js';
import { isCrossSite, type AmbientCredential } from '../../platform/browser/cross-site.js';
import { ServerConfig } from '../../platform/config/server.config.js';
import { contextOf } from '../../platform/request/request-context.js';
import { RouteAccesses } from '../../platform/route-access/route-access.js';
import { principalOf, type Principal } from '../principal/principal.js';
import { needsNoScope } from './no-scope.decorator.js';
import { AccessMetrics } from './access.metrics.js';
import { Shadow } from './shadow/shadow.js';
import { ScopeGate } from './scopes/scope-gate.js';

/**
 * The guard after authentication: checks whether the scopes of a valid key allow the call. It never waits and reads no
 * body.
 */
@Injectable()
export class AccessGuard implements CanActivate {
  private readonly routes: RouteAccesses;

  constructor(
    reflector: Reflector,
    private readonly scopes: ScopeGate,
    private readonly server: ServerConfig,
    private readonly metrics: AccessMetrics,
    private readonly shadow: Shadow,
  ) {
    this.routes = new RouteAccesses(reflector);
  }

  /** @throws ProblemError where the request is refused */
  canActivate(context: ExecutionContext): boolean {
    if (this.routes.of(context) !== 'credential') return true;
    const request = context.getArgByIndex<IncomingMessage>(0);
    const principal = principalOf(request);
    // A guarded route without a principal means that the guards are in the wrong order: refuse.
    if (!principal) throw new ProblemError('internal-error', { cause: new Error('no principal') });
    this.refuseCrossSite(request, principal);
    if (needsNoScope(context.getHandler())) return true;
    const { target } = contextOf(request);
    try {
      this.scopes.check(request.method as string, target, principal.facts, principal.source === 'session');
    } catch (error) {
      if (!this.shadow.passes(error, request)) throw error;
    }
    return true;
  }

  /**
   * Browsers also send these credentials for pages of other sites; all other credentials are sent only by programs.
   */
  private refuseCrossSite(request: IncomingMessage, { source }: Principal): void {
    const credential = ambientCredential(source);
    if (credential === undefined) return;
    const { secure } = contextOf(request);
    const place = { secure, trustedHops: this.server.trustedProxyHops };
    if (!isCrossSite(request, credential, place)) return;
    this.metrics.refused('cross_site');
    throw new ProblemError('cross-site-request');
  }
}

function ambientCredential(source: Principal['source']): AmbientCredential | undefined {
  return source === 'session' ? 'cookie' : source === 'basic' ? 'basic' : undefined;
}
