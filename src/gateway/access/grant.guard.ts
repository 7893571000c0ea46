import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { ProblemError } from '../../lib/http/problem-error.js';
import { contextOf } from '../../platform/request/request-context.js';
import { RouteAccesses } from '../../platform/route-access/route-access.js';
import { forwardsUnchanged, setForwardPlan, type ForwardPlan } from '../principal/forward-plan.js';
import { principalOf, type Principal } from '../principal/principal.js';
import { GrantGate, type JudgedRequest, type Judgment } from './grant-gate.js';
import { resourceForbidden } from './grants/resource-forbidden.js';
import { usedResources } from './grants/used-resources.js';
import { setJudged } from './grant-recheck.js';
import { KeyNow } from './key-now.js';
import { needsNoScope } from './no-scope.decorator.js';
import { Shadow } from './shadow/shadow.js';
import { RequestBodies } from './reading/request-bodies.js';

/**
 * The last guard before MLflow: checks what the grants of a key allow. It comes after the rate limit because it may
 * ask MLflow. It does not wait if the key has no grants, or if the gateway already knows everything that it needs.
 */
@Injectable()
export class GrantGuard implements CanActivate {
  private readonly routes: RouteAccesses;
  private readonly watchesAll: boolean;

  constructor(
    reflector: Reflector,
    private readonly gate: GrantGate,
    private readonly bodies: RequestBodies,
    private readonly keyNow: KeyNow,
    private readonly shadow: Shadow,
  ) {
    this.routes = new RouteAccesses(reflector);
    this.watchesAll = gate.watchesAll;
  }

  /** @throws ProblemError where the request is refused, or cannot be decided */
  canActivate(context: ExecutionContext): boolean | Promise<boolean> {
    const request = context.getArgByIndex<IncomingMessage>(0);
    const principal = principalOf(request);
    // Hot path: nearly all keys have no grants.
    if (principal?.facts.grants === null && !this.watchesAll) return true;
    if (this.routes.of(context) !== 'credential') return true;
    // A guarded route without a principal means that the guards are in the wrong order: refuse.
    if (!principal) throw new ProblemError('internal-error', { cause: new Error('no principal') });
    if (needsNoScope(context.getHandler())) return true;
    return this.decide(request, context.getArgByIndex<ServerResponse>(1), principal);
  }

  private decide(
    request: IncomingMessage,
    response: ServerResponse,
    principal: Principal,
  ): boolean | Promise<boolean> {
    const asked = this.judgedRequest(request, response);
    const { mark } = this.keyNow;
    try {
      const judgment = this.gate.judge(asked, principal.facts);
      if (!(judgment instanceof Promise)) return this.apply(judgment, asked);
      return judgment
        .then(async (first) => {
          const { facts } = await this.keyNow.of(request, principal, mark);
          // The grants of the key changed while this guard waited.
          const judged = facts === principal.facts ? first : await this.gate.judge(asked, facts);
          return this.apply(judged, asked);
        })
        .catch((error: unknown) => this.refuse(error, request, asked));
    } catch (error) {
      return this.refuse(error, request, asked);
    }
  }

  private apply(judgment: Judgment | undefined, asked: CollectingRequest): boolean {
    const { request } = asked;
    if (judgment?.verdict.lacking !== undefined) throw resourceForbidden(judgment.verdict.lacking);
    const plan = this.shadow.isOn('grants') ? unrestricted(judgment) : judgment?.plan;
    if (plan !== undefined) setForwardPlan(request, this.withRoom(plan, asked));
    if (this.gate.notesUse && principalOf(request)?.facts.grants !== null)
      contextOf(request).used = usedResources(judgment);
    setJudged(request, asked);
    this.shadow.metrics.granted();
    return true;
  }

  private withRoom(plan: ForwardPlan, { request, response }: CollectingRequest): ForwardPlan {
    if (plan.answerFilter === undefined && plan.answerCheck === undefined) return plan;
    return { ...plan, answerRoom: this.bodies.holdUntilOver(request, response) };
  }

  private refuse(
    error: unknown,
    request: IncomingMessage,
    asked: CollectingRequest,
  ): boolean | Promise<boolean> {
    if (this.canPass(error, asked) && this.shadow.passes(error, request))
      return this.passAsItCame(request, asked);
    if (error instanceof ProblemError) this.shadow.metrics.notGranted(error.problem);
    throw error;
  }

  /** A body that was too long cannot be forwarded: a part of it was already read and dropped. */
  private canPass(error: unknown, { collected }: CollectingRequest): boolean {
    if (!(error instanceof ProblemError) || error.problem !== 'request-too-large') return true;
    return error.reason === 'things' || collected() === undefined;
  }

  private async passAsItCame(request: IncomingMessage, { collected }: CollectingRequest): Promise<boolean> {
    const body = await collected();
    if (body !== undefined) setForwardPlan(request, { body, isClientsBody: true });
    return true;
  }

  private judgedRequest(request: IncomingMessage, response: ServerResponse): CollectingRequest {
    const { headers } = request;
    const length = headers['content-length'];
    const context = contextOf(request);
    const hasBody =
      headers['transfer-encoding'] !== undefined || (length !== undefined && Number(length) !== 0);
    let body: Promise<Buffer> | undefined;
    return {
      request,
      response,
      method: request.method ?? '',
      target: context.target,
      rawHeaders: request.rawHeaders,
      hasBody: hasBody || context.question?.bodyWithheld === true,
      maybeUnseen: context.question !== undefined && !hasBody,
      collected: () => body,
      collect: (maxBytes) => (body ??= this.bodies.collect(request, response, maxBytes)),
      held: this.bodies.hold(request),
    };
  }
}

/** A request whose body may have been read already. */
interface CollectingRequest extends JudgedRequest {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly collected: () => Promise<Buffer> | undefined;
}

/** The request as the client sent it, for rules in shadow mode: grants restrict nothing. */
function unrestricted(judgment: Judgment | undefined): ForwardPlan | undefined {
  const plan = judgment?.plan;
  if (plan === undefined) return undefined;
  if (forwardsUnchanged(plan)) {
    const { answerCheck: _check, lookAgain: _again, ...left } = plan;
    return left;
  }
  return judgment?.clientsBody && { body: judgment.clientsBody, isClientsBody: true };
}
