import { Injectable } from '@nestjs/common';
import type { ExplainedFinding, ExplainResponse } from '../../contracts/keys/access-explain.js';
import { ProblemError } from '../../lib/http/problem-error.js';
import { GrantGate, type JudgedRequest, type Judgment } from '../access/grant-gate.js';
import type { Finding } from '../access/grants/decide.js';
import { resourceForbidden } from '../access/grants/resource-forbidden.js';
import { neededScope, type NeededScope } from '../access/scopes/needed-scope.js';
import { foldScopes, givenScopes } from '../access/scopes/scope-levels.js';
import { ScopeGate } from '../access/scopes/scope-gate.js';
import { AccessConfig } from '../config/access.config.js';
import { AuthConfig } from '../config/auth.config.js';
import { MlflowConfig } from '../config/mlflow.config.js';
import { judgedPath } from '../mlflow-routes/judged-path.js';
import { routeOf } from '../mlflow-routes/known-routes.js';
import { mountOf } from '../mlflow-routes/mlflow-mount.js';
import type { Route } from '../mlflow-routes/route.js';
import { forwardsUnchanged, type ForwardPlan } from '../principal/forward-plan.js';
import type { KeyFacts } from '../principal/key-facts.js';

/** An explanation is not a request: it is neither counted nor logged as one. */
const COUNTS_NOTHING = { refused: () => undefined, unknownRoute: () => undefined };

export type Explanation = Omit<ExplainResponse, 'limits'>;

/** Finds out what the guards would decide about a request, and why. It forwards nothing. */
@Injectable()
export class Explainer {
  private readonly scopes: ScopeGate;

  constructor(
    private readonly auth: AuthConfig,
    private readonly access: AccessConfig,
    private readonly mlflow: MlflowConfig,
    private readonly grants: GrantGate,
  ) {
    this.scopes = new ScopeGate(auth, access, mlflow, COUNTS_NOTHING);
  }

  /** @param mayKnow whether the caller may learn the owners of resources that no grant allows */
  async explain(request: JudgedRequest, facts: KeyFacts, mayKnow: boolean): Promise<Explanation> {
    const { method, target } = request;
    const mount = mountOf(target.path);
    const route = mount && routeOf(method, judgedPath(target, mount, this.mlflow.apiDialect));
    const need = route && neededScope(route);
    const known = {
      route: route ? describe(route) : null,
      needed_scope: need?.scope ?? null,
      opened_by: need ? this.openedBy(need, facts) : [],
    };
    try {
      this.scopes.check(method, target, facts);
      const judgment = await this.grants.judge(request, facts);
      const findings = judgment?.verdict.findings.map((one) => describeFinding(one, mayKnow)) ?? [];
      const lacking = judgment?.verdict.lacking;
      return lacking === undefined
        ? { decision: 'allowed', refusal: null, ...known, findings, forwarded: forwarded(judgment?.plan) }
        : { ...refused(resourceForbidden(lacking)), ...known, findings };
    } catch (error) {
      if (!(error instanceof ProblemError)) throw error;
      return { ...refused(error), ...known, findings: [] };
    }
  }

  /** Scopes of which each is enough by itself; if there is none, all scopes of the key if they are enough together. */
  private openedBy(need: NeededScope, { scopes, grants }: KeyFacts): readonly string[] {
    const { requireScopes } = this.auth;
    const { accessIncludesAdmin } = this.access;
    const rules = { requireScopes, accessIncludesAdmin, withGrants: grants !== null };
    const isEnough = (some: readonly string[]): boolean => need.isMet(foldScopes(some, rules));
    const given = givenScopes(scopes, rules);
    if (!isEnough(given)) return [];
    const alone = given.filter((scope) => isEnough([scope]));
    return alone.length === 0 ? given : alone;
  }
}

export function refused(problem: ProblemError): Pick<Explanation, 'decision' | 'refusal' | 'forwarded'> {
  const { status, message } = problem;
  return { decision: 'refused', refusal: { status, problem: problem.problem, message }, forwarded: null };
}

function forwarded(plan: Judgment['plan']): Explanation['forwarded'] {
  if (plan === undefined || forwardsUnchanged(plan)) return 'unchanged';
  return isAnswered(plan) ? 'answered_by_gateway' : 'restricted';
}

function isAnswered({ answer }: ForwardPlan): boolean {
  return answer !== undefined;
}

function describe({ method, template, name, family, action }: Route): ExplainResponse['route'] {
  return { method, template, name, family, action };
}

function describeFinding({ need, owners, how, grant }: Finding, mayKnow: boolean): ExplainedFinding {
  const { kind, id, at } = need.named;
  return {
    kind,
    id,
    at,
    level: need.level,
    owners:
      grant === undefined && !mayKnow
        ? []
        : owners.map((owner) => ({
            kind: owner.kind,
            id: 'id' in owner ? owner.id : null,
            name: owner.name ?? null,
          })),
    // How the owner was found would reveal whether somebody has asked for it before.
    how: grant === undefined && !mayKnow ? 'named' : how,
    grant: grant === undefined ? null : { ...grant },
  };
}
