import { All, Controller, Inject, Req, Res, type CanActivate, type ExecutionContext } from '@nestjs/common';
import type { Request, Response } from 'express';
import { HEADER_KEY_ID, HEADER_PROBLEM, HEADER_USER_ID } from '../../contracts/http/headers.js';
import { PROBLEM_CONTENT_TYPE } from '../../contracts/errors/problem.js';
import { ROUTE_AUTHZ } from '../../contracts/http/routes.js';
import { AddressList } from '../../lib/network/address-list.js';
import { ProblemError } from '../../lib/http/problem-error.js';
import { contextOf, type RequestContext } from '../../platform/request/request-context.js';
import { Public } from '../../platform/route-access/public.decorator.js';
import { AuthzConfig } from '../config/authz.config.js';
import { mountOf } from '../mlflow-routes/mlflow-mount.js';
import { forwardPlanOf, forwardsUnchanged } from '../principal/forward-plan.js';
import { principalOf } from '../principal/principal.js';
import { originalRequest } from './original-request.js';

/** Injection token of the guards that stand before MLflow, in their order. */
export const DECISION_GUARDS = Symbol('decision guards');

/** What the guards see: a route without any decorator, as that of MLflow is. */
class MlflowRoute {
  forward(this: void): void {}
}

/**
 * The decision as a service: proxies that forward to MLflow themselves ask here whether they may. It is taken by the same
 * guards, in the same order, as if the request had come to the gateway.
 */
@Controller()
export class AuthzController {
  private readonly peers: AddressList;

  constructor(
    config: AuthzConfig,
    @Inject(DECISION_GUARDS) private readonly guards: readonly CanActivate[],
  ) {
    this.peers = new AddressList(config.trustedPeers);
  }

  @All([ROUTE_AUTHZ, `${ROUTE_AUTHZ}/{*path}`])
  @Public('the key is that of the request in question')
  async decide(@Req() request: Request, @Res() response: Response): Promise<void> {
    const context = contextOf(request);
    context.route = 'authz';
    try {
      await this.judge(request, response, context);
    } catch (error) {
      if (!(error instanceof ProblemError)) throw error;
      context.noteProblem(error);
      refuse(response, error, context.requestId);
    }
  }

  private async judge(request: Request, response: Response, context: RequestContext): Promise<void> {
    if (!this.peers.contains(request.socket.remoteAddress ?? ''))
      throw new ProblemError('authz-peer-unknown');
    const { method, target, bodyWithheld } = originalRequest(request);
    // Guards, the log and usage speak of the request in question from here on.
    request.method = method;
    context.takeFor(target, { bodyWithheld });
    if (mountOf(target.path) === undefined) throw new ProblemError('endpoint-not-found');
    const execution = executionContext(request, response);
    for (const guard of this.guards)
      if ((await guard.canActivate(execution)) !== true)
        throw new Error('a guard neither passed nor refused');
    const principal = principalOf(request);
    // The gateway must also protect the answers to a session, but here it does not see them.
    if (!principal || principal.source === 'session') throw new ProblemError('api-key-required');
    const plan = forwardPlanOf(request);
    if (plan !== undefined && !forwardsUnchanged(plan)) throw new ProblemError('gateway-required');
    const { keyId, userId } = principal.facts;
    response.writeHead(200, {
      ...(keyId !== null && { [HEADER_KEY_ID]: encodeURIComponent(keyId) }),
      ...(userId !== null && { [HEADER_USER_ID]: encodeURIComponent(userId) }),
      'cache-control': 'no-store',
      'content-length': 0,
    });
    response.end();
  }
}

function executionContext(request: Request, response: Response): ExecutionContext {
  const args = [request, response];
  return {
    getClass: () => MlflowRoute,
    getHandler: () => MlflowRoute.prototype.forward,
    getArgByIndex: (index: number) => args[index],
  } as unknown as ExecutionContext;
}

/** The refusal as the client should see it: as body for proxies that pass it on, and in a header for those that cannot. */
function refuse(response: Response, problem: ProblemError, requestId: string): void {
  const text = JSON.stringify(problem.toBody(requestId));
  const body = Buffer.from(text);
  response.writeHead(problem.status, {
    ...problem.headers,
    [HEADER_PROBLEM]: inAscii(text),
    'content-type': PROBLEM_CONTENT_TYPE,
    'content-length': body.length,
    'cache-control': 'no-store',
  });
  response.end(body);
}

/** JSON that a header can carry (RFC 8259, 7; RFC 9110, 5.5). */
function inAscii(json: string): string {
  return json.replace(/[^\x20-\x7e]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
