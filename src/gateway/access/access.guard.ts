import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { IncomingMessage } from 'node:http';
import { SCOPE_MLFLOW_ACCESS } from '../../contracts/key-validation.js';
import { mountOf } from '../mlflow-routes/mlflow-mount.js';
import { ProblemError } from '../../lib/problem-error.js';
import { PublicRoutes } from '../../platform/route-access/public.decorator.js';
import { contextOf } from '../../platform/request/request-context.js';
import { AuthConfig } from '../config/auth.config.js';
import { MlflowConfig } from '../config/mlflow.config.js';
import { isAssistantPath, isCrossSite, mayUseMlflow } from './access-rules.js';
import { insufficientScopeChallenge } from '../auth/credential/challenges.js';
import { principalOf, type Principal } from '../principal/principal.js';

const SCOPE_CHALLENGE = insufficientScopeChallenge(SCOPE_MLFLOW_ACCESS);

/** The second guard: what the owner of a valid key may do here. It never waits. */
@Injectable()
export class AccessGuard implements CanActivate {
  private readonly publicRoutes: PublicRoutes;

  constructor(
    reflector: Reflector,
    private readonly auth: AuthConfig,
    private readonly mlflow: MlflowConfig,
  ) {
    this.publicRoutes = new PublicRoutes(reflector);
  }

  /** @throws ProblemError where the request is refused */
  canActivate(context: ExecutionContext): boolean {
    if (this.publicRoutes.has(context)) return true;
    const request = context.getArgByIndex<IncomingMessage>(0);
    const principal = principalOf(request);
    // A guarded route without a principal means that the guards stand in the wrong order: closed.
    if (!principal) throw new ProblemError('internal-error', { cause: new Error('no principal') });
    this.refuseCrossSite(request, principal);
    this.refuseOnMlflow(contextOf(request).target.path, principal);
    return true;
  }

  /** Browsers send Basic by themselves, also for pages of other sites; every other form takes a program. */
  private refuseCrossSite(request: IncomingMessage, principal: Principal): void {
    if (principal.source === 'basic' && isCrossSite(request.headers))
      throw new ProblemError('cross-site-request');
  }

  private refuseOnMlflow(path: string, principal: Principal): void {
    if (mountOf(path) === undefined) return;
    if (!mayUseMlflow(principal.facts.scopes, this.auth.requireScopes))
      throw new ProblemError('insufficient-scope', { headers: { 'www-authenticate': SCOPE_CHALLENGE } });
    if (!this.mlflow.allowAssistantApi && isAssistantPath(path)) throw new ProblemError('endpoint-forbidden');
  }
}
