import {
  REMOVED_ROUTES,
  ROUTE_HEALTH,
  ROUTE_HEALTH_DETAILED,
  ROUTE_HEALTH_LIVE,
  ROUTE_HEALTH_READY,
  ROUTE_INVALIDATE,
  ROUTE_METRICS,
} from '../contracts/routes.js';
import { mountOf } from './mlflow-routes/mlflow-mount.js';

const OWN_ROUTES = new Map<string, string>([
  [ROUTE_HEALTH, 'health'],
  [ROUTE_HEALTH_LIVE, 'health'],
  [ROUTE_HEALTH_READY, 'health'],
  [ROUTE_HEALTH_DETAILED, 'health_detailed'],
  [ROUTE_METRICS, 'metrics'],
  [ROUTE_INVALIDATE, 'internal'],
]);

/**
 * The route of a request for metrics and the log: one of a few names, whatever the client sends, and known before
 * anything may refuse the request.
 *
 * @param path decoded path, without the query
 */
export function routeLabel(path: string): string {
  // Express takes a trailing slash for nothing, and so does this.
  const own = OWN_ROUTES.get(path.endsWith('/') ? path.slice(0, -1) : path);
  if (own !== undefined) return own;
  if (mountOf(path) !== undefined) return 'mlflow';
  return REMOVED_ROUTES.some((route) => path === route || path.startsWith(`${route}/`))
    ? 'removed'
    : 'unmatched';
}
