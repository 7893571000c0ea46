import type { RequestTarget } from '../../lib/http/request-target.js';

// The version follows `api/` with or without a slash before `mlflow`: one route is registered as /api/2.0mlflow/….
const REST_PREFIX = /^(\/+)api(?=\/+\d+\.\d)/;

/** Some servers offer every REST call only under the prefix that MLflow's own UI uses. */
export function toAjaxDialect(rawPath: string): string {
  return rawPath.replace(REST_PREFIX, '$1ajax-api');
}

/**
 * The path that MLflow's routers will see, decoded once with slashes collapsed. All decisions use this form.
 *
 * @param mount that the target lies under
 */
export function judgedPath(target: RequestTarget, mount: string, dialect: 'as-is' | 'ajax-api'): string {
  const path = target.path.slice(mount.length);
  if (path === '') return '/';
  const isRewritten = dialect === 'ajax-api' && REST_PREFIX.test(target.rawPath.slice(mount.length));
  return isRewritten ? path.replace('/api', '/ajax-api') : path;
}

/**
 * Whether the gateway and MLflow could see two routes in one path. FastAPI does not collapse slashes, and its routes of
 * MCP servers have names that may hold some: `mcp-servers//versions/1` is one route before collapsing and another after.
 */
export function isAmbiguous(target: RequestTarget): boolean {
  return target.path.includes('/mcp-servers') && decodeURIComponent(target.rawPath).includes('//');
}
