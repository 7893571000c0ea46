import { Injectable } from '@nestjs/common';
import { ProblemError } from '../../../lib/problem-error.js';
import type { RequestTarget } from '../../../lib/request-target.js';
import { AccessConfig } from '../../config/access.config.js';
import { AuthConfig } from '../../config/auth.config.js';
import { MlflowConfig } from '../../config/mlflow.config.js';
import { accountQuestion } from '../../mlflow-routes/account-path.js';
import { isAssistantPath } from '../../mlflow-routes/assistant-path.js';
import { isAmbiguous, judgedPath } from '../../mlflow-routes/judged-path.js';
import { endpointFamily } from '../../mlflow-routes/endpoint-family.js';
import { routeOf } from '../../mlflow-routes/known-routes.js';
import { mountOf } from '../../mlflow-routes/mlflow-mount.js';
import type { Route } from '../../mlflow-routes/route.js';
import type { KeyFacts } from '../../principal/key-facts.js';
import { AccessMetrics } from '../access.metrics.js';
import { ANY_SCOPE, neededScope, type NeededScope } from './needed-scope.js';
import { foldScopes, type ScopeLevels } from './scope-levels.js';
import { scopeMissing } from './scope-missing.js';

/** Compares the scopes of a key with what a request to MLflow needs, by method and path alone. */
@Injectable()
export class ScopeGate {
  /** Folded once for each key: its facts are one object for as long as they are in memory. */
  private readonly levels = new WeakMap<KeyFacts, ScopeLevels>();
  private readonly needed = new WeakMap<Route, NeededScope>();

  constructor(
    private readonly auth: AuthConfig,
    private readonly access: AccessConfig,
    private readonly mlflow: MlflowConfig,
    private readonly metrics: AccessMetrics,
  ) {}

  /**
   * @param ownAccount the gateway answers in MLflow's place what a reader asks about its own account
   * @throws ProblemError where the request is refused; paths outside of MLflow's mounts never are
   */
  check(method: string, target: RequestTarget, facts: KeyFacts, ownAccount = false): void {
    const mount = mountOf(target.path);
    if (mount === undefined) return;
    if (facts.grants === null && this.auth.requireGrants) {
      this.metrics.refused('no_grants');
      throw new ProblemError('grants-required');
    }
    const levels = this.levelsOf(facts);
    const mayPass = levels.isFull && facts.grants === null && this.access.unknownRoutes === 'allow';
    const path = judgedPath(target, mount, this.mlflow.apiDialect);
    const route = routeOf(method, path);
    // No code of MLflow's runs for it.
    if (method === 'OPTIONS') this.require(ANY_SCOPE, levels);
    else if (isAmbiguous(target)) this.passOrRefuse(levels, mayPass, 'ambiguous-path', () => path);
    else if (ownAccount && method === 'GET' && accountQuestion(target.path.slice(mount.length)) !== undefined)
      this.require(ANY_SCOPE, levels);
    else if (route === undefined)
      this.passOrRefuse(levels, mayPass, 'unknown-endpoint', () => `${method} ${endpointFamily(path)}`);
    else this.require(this.neededBy(route), levels);
    if (!this.mlflow.allowAssistantApi && isAssistantPath(target.path)) {
      this.metrics.refused('assistant');
      throw new ProblemError('endpoint-forbidden');
    }
  }

  /** Whether what MLflow itself answers is for a key with these facts. Counts and refuses nothing. */
  maySeeAnswer(method: string, target: RequestTarget, facts: KeyFacts): boolean {
    const mount = mountOf(target.path);
    if (mount === undefined || facts.grants !== null) return false;
    const levels = this.levelsOf(facts);
    const route = routeOf(method, judgedPath(target, mount, this.mlflow.apiDialect));
    if (route === undefined || isAmbiguous(target))
      return levels.isFull && this.access.unknownRoutes === 'allow';
    return this.neededBy(route).isMet(levels);
  }

  private require(needed: NeededScope, levels: ScopeLevels): void {
    if (needed.isMet(levels)) return;
    this.metrics.refused('scope');
    throw scopeMissing(needed.scope);
  }

  /** What no table can decide: open to who may use all of MLflow, so that any version of it goes on working. */
  private passOrRefuse(
    levels: ScopeLevels,
    passes: boolean,
    problem: 'unknown-endpoint' | 'ambiguous-path',
    name: () => string,
  ): void {
    this.require(ANY_SCOPE, levels);
    if (problem === 'unknown-endpoint') this.metrics.unknownRoute(passes ? 'passed' : 'refused', name());
    if (passes) return;
    this.metrics.refused(problem === 'unknown-endpoint' ? 'unknown_route' : 'ambiguous_path');
    throw new ProblemError(problem);
  }

  private levelsOf(facts: KeyFacts): ScopeLevels {
    let levels = this.levels.get(facts);
    if (levels === undefined) {
      const { requireScopes } = this.auth;
      const { accessIncludesAdmin } = this.access;
      levels = foldScopes(facts.scopes, { requireScopes, accessIncludesAdmin });
      this.levels.set(facts, levels);
    }
    return levels;
  }

  private neededBy(route: Route): NeededScope {
    let needed = this.needed.get(route);
    if (needed === undefined) this.needed.set(route, (needed = neededScope(route)));
    return needed;
  }
}
