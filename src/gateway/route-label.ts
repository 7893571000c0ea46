import {
  REMOVED_ROUTES,
  ROUTE_AUTHZ,
  ROUTE_EXPLAIN,
  ROUTE_HEALTH,
  ROUTE_HEALTH_DETAILED,
  ROUTE_HEALTH_LIVE,
  ROUTE_HEALTH_READY,
  ROUTE_INVALIDATE,
  ROUTE_KEY_EXPLAIN,
  ROUTE_KEY_LIMITS,
  ROUTE_METRICS,
  ROUTE_OPENAPI,
  ROUTE_WHOAMI,
} from '../contracts/http/routes.js';
import { mountOf } from './mlflow-routes/mlflow-mount.js';

const OWN_ROUTES = new Map<string, string>([
  [ROUTE_HEALTH, 'health'],
  [ROUTE_HEALTH_LIVE, 'health'],
  [ROUTE_HEALTH_READY, 'health'],
  [ROUTE_HEALTH_DETAILED, 'health_detailed'],
  [ROUTE_METRICS, 'metrics'],
  [ROUTE_OPENAPI, 'openapi'],
  [ROUTE_WHOAMI, 'whoami'],
  [ROUTE_EXPLAIN, 'explain'],
  [ROUTE_INVALIDATE, 'internal'],
  [ROUTE_KEY_LIMITS, 'internal'],
  [ROUTE_KEY_EXPLAIN, 'internal'],
]);

const LLM = /^\/(?:gateway\/|ajax-api\/\d\.\d\/mlflow\/gateway-proxy$)/;
const ARTIFACTS =
  /^\/(?:(?:ajax-)?api\/\d\.\d\/?mlflow(?:-artifacts\/|\/artifacts\/|\/upload-artifact$|\/get-trace-artifact$|\/logged-models\/[^/]+\/artifacts\/)|get-artifact$|model-versions\/get-artifact$)/;
const API = /^\/(?:(?:ajax-)?api\/|graphql$|v1\/traces$|health$|version$)/;

/**
 * The route of a request for metrics and the log: one of a few fixed names, whatever the client sends. It is known
 * before any guard can refuse the request.
 *
 * @param path decoded path, without the query
 */
export function routeLabel(path: string): string {
  // Express ignores a trailing slash, and so does this.
  const own = OWN_ROUTES.get(path.endsWith('/') ? path.slice(0, -1) : path);
  if (own !== undefined) return own;
  if (path === ROUTE_AUTHZ || path.startsWith(`${ROUTE_AUTHZ}/`)) return 'authz';
  const mount = mountOf(path);
  if (mount !== undefined) return mlflowLabel(path.slice(mount.length));
  return REMOVED_ROUTES.some((route) => path === route || path.startsWith(`${route}/`))
    ? 'removed'
    : 'unmatched';
}

/** Whether a route of `routeLabel` is one of requests to MLflow. */
export function isMlflowLabel(label: string): boolean {
  return label.startsWith('mlflow_');
}

/** Kinds of requests to MLflow whose durations cannot be compared: a search, an upload, a model's answer, a page. */
function mlflowLabel(path: string): 'mlflow_api' | 'mlflow_artifacts' | 'mlflow_llm' | 'mlflow_ui' {
  if (LLM.test(path)) return 'mlflow_llm';
  if (ARTIFACTS.test(path)) return 'mlflow_artifacts';
  return API.test(path) ? 'mlflow_api' : 'mlflow_ui';
}
