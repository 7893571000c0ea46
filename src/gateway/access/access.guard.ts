import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { IncomingMessage } from 'node:http';
import { SCOPE_MLFLOW_ACCESS } from '../../contracts/key-validation.js';
import { mountOf } from '../mlflow-routes/mlflow-mount.js';
import { ProblemError } from '../../lib/problem-error.js';
import { isCrossSite, type AmbientCredential } from '../../platform/browser/cross-site.js';
import { ServerConfig } from '../../platform/config/server.config.js';
import { RouteAccesses } from '../../platform/route-access/route-access.js';
import { contextOf } from '../../platform/request/request-context.js';
import { AuthConfig } from '../config/auth.config.js';
import { MlflowConfig } from '../config/mlflow.config.js';
import { isAssistantPath, mayUseMlflow } from './access-rules.js';
import { insufficientScopeChallenge } from '../auth/credential/challenges.js';
import { principalOf, type Principal } from '../principal/principal.js';

const SCOPE_CHALLENGE = insufficientScopeChallenge(SCOPE_MLFLOW_ACCESS);

/** The second guard: what the owner of a valid key may do here. It never waits. */
@Injectable()
export class AccessGuard implements CanActivate {
  private readonly routes: RouteAccesses;

  constructor(
    reflector: Reflector,
    private readonly auth: AuthConfig,
    private readonly mlflow: MlflowConfig,
    private readonly server: ServerConfig,
  ) {
    this.routes = new RouteAccesses(reflector);
  }

  /** @throws ProblemError where the request is refused */
  canActivate(context: ExecutionContext): boolean {
    if (this.routes.of(context) !== 'credential') return true;
    const request = context.getArgByIndex<IncomingMessage>(0);
    const principal = principalOf(request);
    // A guarded route without a principal means that the guards stand in the wrong order: closed.
    if (!principal) throw new ProblemError('internal-error', { cause: new Error('no principal') });
    this.refuseCrossSite(request, principal);
    this.refuseOnMlflow(contextOf(request).target.path, principal);
    return true;
  }

  /** What browsers send by themselves they send for pages of other sites too; every other form takes a program. */
  private refuseCrossSite(request: IncomingMessage, { source }: Principal): void {
    const credential = ambientCredential(source);
    if (credential === undefined) return;
    const { secure } = contextOf(request);
    const place = { secure, trustedHops: this.server.trustedProxyHops };
    if (isCrossSite(request, credential, place)) throw new ProblemError('cross-site-request');
  }

  private refuseOnMlflow(path: string, principal: Principal): void {
    if (mountOf(path) === undefined) return;
    if (!mayUseMlflow(principal.facts.scopes, this.auth.requireScopes))
      throw new ProblemError('insufficient-scope', { headers: { 'www-authenticate': SCOPE_CHALLENGE } });
    if (!this.mlflow.allowAssistantApi && isAssistantPath(path)) throw new ProblemError('endpoint-forbidden');
  }
}

function ambientCredential(source: Principal['source']): AmbientCredential | undefined {
  return source === 'basic' ? 'basic' : undefined;
}
