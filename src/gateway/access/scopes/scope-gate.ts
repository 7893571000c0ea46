import { Inject, Injectable } from '@nestjs/common';
import { ProblemError } from '../../../lib/http/problem-error.js';
import type { RequestTarget } from '../../../lib/http/request-target.js';
import { AccessConfig } from '../../config/access.config.js';
import { AuthConfig } from '../../config/auth.config.js';
import { MlflowConfig } from '../../config/mlflow.config.js';
import { judgedPath } from '../../mlflow-routes/judged-path.js';
import { endpointFamily } from '../../mlflow-routes/endpoint-family.js';
import { mountOf } from '../../mlflow-routes/mlflow-mount.js';
import { RememberedPaths } from '../../mlflow-routes/remembered-paths.js';
import type { KeyFacts } from '../../principal/key-facts.js';
import { AccessMetrics } from '../access.metrics.js';
import { callOf, type MlflowCall } from './mlflow-call.js';
import { ANY_SCOPE, type NeededScope } from './needed-scope.js';
import { foldScopes, type ScopeLevels } from './scope-levels.js';
import { scopeMissing } from './scope-missing.js';

/** Compares the scopes of a key with what a request to MLflow needs, by method and path alone. */
@Injectable()
export class ScopeGate {
  /** Folded once for each key: its facts are one object for as long as they are in memory. */
  private readonly levels = new WeakMap<KeyFacts, ScopeLevels>();
  private readonly calls: RememberedPaths<MlflowCall | 'outside'>;

  constructor(
    private readonly auth: AuthConfig,
    private readonly access: AccessConfig,
    private readonly mlflow: MlflowConfig,
    @Inject(AccessMetrics) private readonly metrics: Pick<AccessMetrics, 'refused' | 'unknownRoute'>,
  ) {
    this.calls = new RememberedPaths((method, target) => callOf(method, target, mlflow.apiDialect));
  }

  /**
   * @param ownAccount the gateway answers in MLflow's place what a reader asks about its own account
   * @throws ProblemError where the request is refused; paths outside of MLflow's mounts never are
   */
  check(method: string, target: RequestTarget, facts: KeyFacts, ownAccount = false): void {
    const call = this.calls.of(method, target);
    if (call === 'outside') return;
    if (facts.grants === null && this.auth.requireGrants) {
      this.metrics.refused('no_grants');
      throw new ProblemError('grants-required');
    }
    const levels = this.levelsOf(facts);
    const { needs } = call;
    // No code of MLflow's runs for OPTIONS.
    if (method === 'OPTIONS') this.require(ANY_SCOPE, levels);
    else if (ownAccount && call.isOwnAccount && needs !== 'ambiguous-path') this.require(ANY_SCOPE, levels);
    else if (typeof needs === 'string') {
      const mayPass = levels.isFull && this.access.unknownRoutes === 'allow';
      this.require(ANY_SCOPE, levels);
      this.passOrRefuse(needs, mayPass, method, target);
    } else this.require(needs, levels);
    if (call.isAssistant && !this.mlflow.allowAssistantApi) {
      this.metrics.refused('assistant');
      throw new ProblemError('endpoint-forbidden');
    }
  }

  /** Whether what MLflow itself answers is for a key with these facts. Counts and refuses nothing. */
  maySeeAnswer(method: string, target: RequestTarget, facts: KeyFacts): boolean {
    const call = this.calls.of(method, target);
    if (call === 'outside' || facts.grants !== null) return false;
    const levels = this.levelsOf(facts);
    if (typeof call.needs === 'string') return levels.isFull && this.access.unknownRoutes === 'allow';
    return call.needs.isMet(levels);
  }

  /** Whether a key has what the scope `admin` is for. */
  isAdmin(facts: KeyFacts): boolean {
    return this.levelsOf(facts).isAdmin;
  }

  private require(needed: NeededScope, levels: ScopeLevels): void {
    if (needed.isMet(levels)) return;
    this.metrics.refused('scope');
    throw scopeMissing(needed.scope);
  }

  /** What no table can decide: open to who may use all of MLflow, so that any version of it goes on working. */
  private passOrRefuse(
    problem: 'unknown-endpoint' | 'ambiguous-path',
    passes: boolean,
    method: string,
    target: RequestTarget,
  ): void {
    if (problem === 'unknown-endpoint') {
      const path = judgedPath(target, mountOf(target.path) ?? '', this.mlflow.apiDialect);
      this.metrics.unknownRoute(passes ? 'forwarded' : 'refused', `${method} ${endpointFamily(path)}`);
    }
    if (passes) return;
    this.metrics.refused(problem === 'unknown-endpoint' ? 'unknown_route' : 'ambiguous_path');
    throw new ProblemError(problem);
  }

  private levelsOf(facts: KeyFacts): ScopeLevels {
    let levels = this.levels.get(facts);
    if (levels === undefined) {
      const { requireScopes } = this.auth;
      const { accessIncludesAdmin } = this.access;
      levels = foldScopes(facts.scopes, {
        requireScopes,
        accessIncludesAdmin,
        withGrants: facts.grants !== null,
      });
      this.levels.set(facts, levels);
    }
    return levels;
  }
}
