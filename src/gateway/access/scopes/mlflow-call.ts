import type { RequestTarget } from '../../../lib/http/request-target.js';
import { accountQuestion } from '../../mlflow-routes/account-path.js';
import { isAssistantPath } from '../../mlflow-routes/assistant-path.js';
import { isAmbiguous, judgedPath } from '../../mlflow-routes/judged-path.js';
import { routeOf } from '../../mlflow-routes/known-routes.js';
import { mountOf } from '../../mlflow-routes/mlflow-mount.js';
import type { Route } from '../../mlflow-routes/route.js';
import { neededScope, type NeededScope } from './needed-scope.js';

/** The call of MLflow that a method and a path mean, for any key. */
export interface MlflowCall {
  /** What its route needs, or the reason why the route table cannot decide. */
  readonly needs: NeededScope | 'unknown-endpoint' | 'ambiguous-path';
  /** A question about the asker's own account. */
  readonly isOwnAccount: boolean;
  readonly isAssistant: boolean;
}

const needed = new WeakMap<Route, NeededScope>();

/** @returns `outside` for a path outside of MLflow's mounts */
export function callOf(
  method: string,
  target: RequestTarget,
  dialect: 'as-is' | 'ajax-api',
): MlflowCall | 'outside' {
  const mount = mountOf(target.path);
  if (mount === undefined) return 'outside';
  const route = routeOf(method, judgedPath(target, mount, dialect));
  return {
    needs: isAmbiguous(target) ? 'ambiguous-path' : route ? neededBy(route) : 'unknown-endpoint',
    isOwnAccount: method === 'GET' && accountQuestion(target.path.slice(mount.length)) !== undefined,
    isAssistant: isAssistantPath(target.path),
  };
}

/** What a route needs, made once for each. */
export function neededBy(route: Route): NeededScope {
  let scope = needed.get(route);
  if (scope === undefined) needed.set(route, (scope = neededScope(route)));
  return scope;
}
