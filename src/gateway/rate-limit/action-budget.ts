import { routeOf } from '../mlflow-routes/known-routes.js';
import { mountOf } from '../mlflow-routes/mlflow-mount.js';

/** Budgets of requests that do a certain thing at MLflow. */
export type ActionBudget = 'searches' | 'writes';

const READ_METHODS = new Set(['GET', 'HEAD', 'OPTIONS']);
/** MLflow names a call after its message or after its handler: `searchRuns`, `serve_search_datasets`. */
const SEARCH = /^(?:serve_)?search/i;

/**
 * The budget besides those of all requests that a request counts in, by the route that MLflow dispatches it to. A
 * route that no known version of MLflow has counts as a write, unless its method only reads.
 *
 * @param path decoded path with the mount, slashes collapsed
 */
export function actionBudgetOf(method: string, path: string): ActionBudget | undefined {
  const mount = mountOf(path);
  if (mount === undefined) return undefined;
  const route = routeOf(method, path.slice(mount.length) || '/');
  if (route === undefined) return READ_METHODS.has(method) ? undefined : 'writes';
  // MLflow's GraphQL mutations are searches of runs.
  if (SEARCH.test(route.name) || route.family === 'graphql') return 'searches';
  return route.action === 'write' || route.action === 'manage' ? 'writes' : undefined;
}
