import { Injectable } from '@nestjs/common';
import type { IncomingMessage } from 'node:http';
import { ProblemError } from '../../lib/http/problem-error.js';
import { contextOf } from '../../platform/request/request-context.js';
import { forwardPlanOf, type ForwardPlan } from '../principal/forward-plan.js';
import { KeyStanding } from '../principal/key-standing.js';
import type { Principal } from '../principal/principal.js';
import { GrantGate, type JudgedRequest } from './grant-gate.js';
import { covers } from './grants/covers.js';
import { grantSetOf } from './grants/grant-set.js';
import { resourceForbidden } from './grants/resource-forbidden.js';
import { Shadow } from './shadow/shadow.js';

const JUDGED = Symbol('judged request');

/** Keeps the decided request until it ends, because its body can be read only once. */
export function setJudged(request: IncomingMessage, judged: JudgedRequest): void {
  (request as { [JUDGED]?: JudgedRequest })[JUDGED] = judged;
}

/**
 * Ends a request that is under way if grants were taken from its key and the others do not allow it. Sometimes that
 * cannot be decided, because the body was forwarded unread or the answer is being filtered by the old grants. Then the
 * client is told to try again.
 */
@Injectable()
export class GrantRecheck {
  constructor(
    standing: KeyStanding,
    private readonly gate: GrantGate,
    private readonly shadow: Shadow,
  ) {
    standing.checkedUnderWayBy((request, before, now) => this.check(request, before, now));
  }

  private async check(
    request: IncomingMessage,
    before: Principal,
    now: Principal,
  ): Promise<ProblemError | undefined> {
    const grants = grantSetOf(now.facts);
    const former = grantSetOf(before.facts);
    if (grants === undefined || this.shadow.isOn('grants')) return undefined;
    if (former !== undefined && covers(grants, former)) return undefined;
    try {
      const judged = (request as { [JUDGED]?: JudgedRequest })[JUDGED] ?? unread(request);
      const judgment = await this.gate.judge(judged, now.facts);
      if (judgment?.verdict.lacking !== undefined) return resourceForbidden(judgment.verdict.lacking);
      const plan = forwardPlanOf(request);
      return isNarrowed(plan, judgment?.plan) ? narrowed() : undefined;
    } catch (error) {
      if (error instanceof ProblemError) return error;
      throw error;
    }
  }
}

/** The key had no grants when the request came, so its body was forwarded unread. */
function unread(request: IncomingMessage): JudgedRequest {
  const { headers, rawHeaders, method = '' } = request;
  const length = headers['content-length'];
  return {
    ...{ method, rawHeaders, target: contextOf(request).target },
    hasBody: headers['transfer-encoding'] !== undefined || (length !== undefined && Number(length) !== 0),
    collect: () => Promise.reject(narrowed()),
    held: NOTHING_HELD,
  };
}

/** No body is read. */
const NOTHING_HELD = { grow: () => undefined, release: () => undefined };

function narrowed(): ProblemError {
  return new ProblemError('key-rights-reduced', { retryAfterSeconds: 1 });
}

/**
 * Whether the request to MLflow or its answer was changed by grants: with the present grants the change could be a
 * different one.
 */
function isNarrowed(before: ForwardPlan | undefined, now: ForwardPlan | undefined): boolean {
  return before?.workspace !== now?.workspace || dependsOnGrants(before) || dependsOnGrants(now);
}

function dependsOnGrants(plan: ForwardPlan | undefined): boolean {
  if (plan === undefined) return false;
  const { body, isClientsBody } = plan;
  const { target, answer, answerFilter, answerCheck, lookAgain } = plan;
  if ([target, answer, answerFilter, answerCheck, lookAgain].some((part) => part !== undefined)) return true;
  return body !== undefined && isClientsBody !== true;
}
