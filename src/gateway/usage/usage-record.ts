import type { UsageRecord } from '../../contracts/usage/usage.js';
import { NEEDED_ANY, NEEDED_NONE, NEEDED_UNKNOWN } from '../../contracts/access/used-resources.js';
import type { FinishedRequest } from '../../platform/observability/request-log.js';
import { neededBy } from '../access/scopes/mlflow-call.js';
import { ANY_SCOPE } from '../access/scopes/needed-scope.js';
import { accountQuestion } from '../mlflow-routes/account-path.js';
import { endpointName, routeOf, UNKNOWN_ENDPOINT } from '../mlflow-routes/known-routes.js';
import { mountOf } from '../mlflow-routes/mlflow-mount.js';
import type { Route } from '../mlflow-routes/route.js';

/** A request of a key, to be reported to the key service. */
export interface UseToReport extends Omit<FinishedRequest, 'fields'> {
  id: string;
  keyId: string;
}

/** The record of a request, made when it is sent: until then the request is all that has to be kept. */
export function toRecord(use: UseToReport): UsageRecord {
  const mount = mountOf(use.path);
  const path = use.path.slice(mount?.length ?? 0) || '/';
  const route = routeOf(use.method, path);
  const { used } = use;
  return {
    id: use.id,
    key_id: use.keyId,
    endpoint: `${use.method} ${route ? endpointName(route) : UNKNOWN_ENDPOINT}`,
    timestamp: new Date(use.atMs).toISOString(),
    response_time_ms: Math.round(use.durationMs),
    status_code: use.status,
    bytes_in: use.bytesIn,
    bytes_out: use.bytesOut,
    client_ip: use.clientIp,
    source: use.inSession ? 'session' : 'key',
    needed_scope:
      mount === undefined || use.problem !== undefined ? NEEDED_NONE : neededText(use, path, route),
    ...(used && use.problem === undefined && { resources: used.resources }),
    ...(used && use.problem === undefined && used.more > 0 && { more_resources: used.more }),
  };
}

function neededText({ method, inSession }: UseToReport, path: string, route: Route | undefined): string {
  if (method === 'OPTIONS') return NEEDED_ANY;
  // The gateway answers what a reader asks about its own account.
  if (inSession && method === 'GET' && accountQuestion(path) !== undefined) return NEEDED_ANY;
  if (route === undefined) return NEEDED_UNKNOWN;
  const needed = neededBy(route);
  return needed === ANY_SCOPE ? NEEDED_ANY : needed.scope;
}
