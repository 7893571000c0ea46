import { Inject, Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { IncomingMessage } from 'node:http';
import { contextOf, type RequestContext } from '../../platform/request/request-context.js';
import { RouteAccesses } from '../../platform/route-access/route-access.js';
import { LogFields } from '../../platform/logging/log-fields.js';
import { FIELD_AUTH_CACHE, keyLogFields } from '../principal/key-log-fields.js';
import { setPrincipal } from '../principal/principal.js';
import { AuthEvents } from './auth.events.js';
import { AUTHENTICATORS, firstVerdict, type Authenticator } from './credential/authenticator.js';
import type { Refused, Verdict } from './credential/verdict.js';
import { Refusals } from './refusals.js';

/**
 * The first guard of every route: no request passes without an identity, unless the route is public. It asks the
 * authenticators in order; the first responsible one decides. It does not wait if the verdict is there at once.
 */
@Injectable()
export class AuthenticationGuard implements CanActivate {
  private readonly routes: RouteAccesses;

  constructor(
    reflector: Reflector,
    @Inject(AUTHENTICATORS) private readonly authenticators: readonly Authenticator[],
    private readonly refusals: Refusals,
    private readonly events: AuthEvents,
  ) {
    this.routes = new RouteAccesses(reflector);
  }

  /** @throws ProblemError where the request is refused */
  canActivate(execution: ExecutionContext): boolean | Promise<boolean> {
    if (this.routes.of(execution) !== 'credential') return true;
    const request = execution.getArgByIndex<IncomingMessage>(0);
    const context = contextOf(request);
    const verdict = firstVerdict(this.authenticators, request, context);
    return verdict instanceof Promise
      ? verdict.then((decided) => this.apply(decided, request, context))
      : this.apply(verdict, request, context);
  }

  private apply(verdict: Verdict, request: IncomingMessage, context: RequestContext): true {
    if (verdict.kind === 'refused') {
      context.fields = fieldsOfRefused(verdict);
      throw this.refusals.of(verdict.refusal, context, verdict);
    }
    context.fields = keyLogFields(verdict.principal.facts, verdict.lookup);
    if (verdict.lookup === 'miss') this.events.succeeded(context);
    setPrincipal(request, verdict.principal);
    return true;
  }
}

/** An unknown key, or one known to be invalid, has no facts. */
function fieldsOfRefused({ facts, lookup }: Refused): LogFields {
  if (facts) return keyLogFields(facts, lookup);
  return lookup === undefined ? LogFields.NONE : new LogFields({ [FIELD_AUTH_CACHE]: lookup });
}
