import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { ProblemError } from '../../lib/http/problem-error.js';
import { contextOf } from '../../platform/request/request-context.js';
import { RouteAccesses } from '../../platform/route-access/route-access.js';
import { leavesAsItCame, setForwardPlan, type ForwardPlan } from '../principal/forward-plan.js';
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
 * The last guard before MLflow: what the grants of a key open. It stands behind the rate limit because it may ask
 * MLflow; it waits for nothing where the key has no grants, or all is known already.
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
      if (!(judgment instanceof Promise)) return this.apply(request, judgment, asked);
      return judgment
        .then(async (first) => {
          const { facts } = await this.keyNow.of(request, principal, mark);
          // The key was narrowed, or widened, while its request was waited for.
          const judged = facts === principal.facts ? first : await this.gate.judge(asked, facts);
          return this.apply(request, judged, asked);
        })
        .catch((error: unknown) => this.refuse(error, request, asked));
    } catch (error) {
      return this.refuse(error, request, asked);
    }
  }

  private apply(request: IncomingMessage, judgment: Judgment | undefined, asked: CollectingRequest): boolean {
    if (judgment?.verdict.lacking !== undefined) throw resourceForbidden(judgment.verdict.lacking);
    const plan = this.shadow.isOn('grants') ? asItCame(judgment) : judgment?.plan;
    if (plan !== undefined) setForwardPlan(request, plan);
    if (this.gate.notesUse && principalOf(request)?.facts.grants !== null)
      contextOf(request).used = usedResources(judgment);
    setJudged(request, asked);
    this.shadow.metrics.granted();
    return true;
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

  /** The body was too long to be read: a part of it is gone. */
  private canPass(error: unknown, { collected }: CollectingRequest): boolean {
    return (
      !(error instanceof ProblemError && error.problem === 'request-too-large') || collected() === undefined
    );
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
  readonly collected: () => Promise<Buffer> | undefined;
}

/** What the client sent, where grants would narrow it. */
function asItCame(judgment: Judgment | undefined): ForwardPlan | undefined {
  const plan = judgment?.plan;
  if (plan === undefined || leavesAsItCame(plan)) return plan;
  return judgment?.clientsBody && { body: judgment.clientsBody, isClientsBody: true };
}
