import {
  MLFLOW_MOUNTS,
  REMOVED_ROUTES,
  ROUTE_AUTHZ,
  ROUTE_EXPLAIN,
  ROUTE_HEALTH,
  ROUTE_HEALTH_DETAILED,
  ROUTE_HEALTH_LIVE,
  ROUTE_HEALTH_MLFLOW,
  ROUTE_HEALTH_READY,
  ROUTE_INVALIDATE,
  ROUTE_KEY_EXPLAIN,
  ROUTE_KEY_LIMITS,
  ROUTE_METRICS,
  ROUTE_OPENAPI,
  ROUTE_WHOAMI,
} from '../../contracts/http/routes.js';
import type { Operation } from '../../lib/http/openapi-document.js';
import {
  ROUTE_SESSION,
  ROUTE_SESSION_SCRIPT,
  ROUTE_SIGN_IN,
  ROUTE_SIGN_OUT,
} from '../browser/session-paths.js';

/** Who calls the gateway. */
export type Caller = 'anyone' | 'key' | 'admin' | 'metrics-reader';
type GatewayOperation = Operation<Caller>;

const HTML = 'text/html';
const METHODS = ['get', 'post', 'put', 'patch', 'delete'] as const;
const anyPath = { type: 'string', description: 'Any path, slashes included' };

/** Without its slashes and dashes: `/api/mlflow` is `ApiMlflow`. */
const nameOf = (path: string): string =>
  path.replace(/(?:^|[/._-])(\w)/g, (_all, letter: string) => letter.toUpperCase());

const health: readonly GatewayOperation[] = [
  ...[ROUTE_HEALTH, ROUTE_HEALTH_LIVE].map((path): GatewayOperation => ({
    method: 'get',
    path,
    id: `get${nameOf(path)}`,
    summary: 'Whether the process answers; asks no other part',
    caller: 'anyone',
    success: [200, 'Status'],
  })),
  {
    method: 'get',
    path: ROUTE_HEALTH_READY,
    id: 'getHealthReady',
    summary: 'Whether new requests are accepted: 503 from SIGTERM on',
    caller: 'anyone',
    success: [200, 'Status'],
  },
  ...['', ...MLFLOW_MOUNTS].map((mount): GatewayOperation => ({
    method: 'get',
    path: mount + ROUTE_HEALTH_MLFLOW,
    id: `get${nameOf(mount)}HealthMlflow`,
    summary: 'Whether MLflow works: connectivity, experiments, artifacts; remembered for 5 s',
    description: 'Where a check fails the status is 503, with a body of the same form.',
    caller: 'anyone',
    success: [200, 'MlflowHealth'],
  })),
  {
    method: 'get',
    path: ROUTE_HEALTH_DETAILED,
    id: 'getHealthDetailed',
    summary: 'Every part as this replica knows it',
    caller: 'admin',
    success: [200, 'DetailedHealth'],
  },
  {
    method: 'get',
    path: ROUTE_METRICS,
    id: 'getMetrics',
    summary: 'Metrics, as Prometheus reads them',
    caller: 'metrics-reader',
    success: [200, 'Text'],
    successType: 'text/plain',
  },
];

const keys: readonly GatewayOperation[] = [
  ...['', ...MLFLOW_MOUNTS].map((mount): GatewayOperation => ({
    method: 'get',
    path: mount + ROUTE_WHOAMI,
    id: `whoami${nameOf(mount)}`,
    summary: 'What the key of the caller may do; open to every valid key',
    caller: 'key',
    success: [200, 'Whoami'],
  })),
  ...['', ...MLFLOW_MOUNTS].map((mount): GatewayOperation => ({
    method: 'post',
    path: mount + ROUTE_EXPLAIN,
    id: `explain${nameOf(mount)}`,
    summary: 'What would become of a request of the key that asks, and why',
    description:
      'Nothing is forwarded. With `as`, for keys with the scope admin, other scopes and grants are explained.',
    caller: 'key',
    body: 'Explain',
    bodyRequired: true,
    success: [200, 'Explanation'],
    problems: [400, 408, 413],
  })),
  {
    method: 'post',
    path: ROUTE_INVALIDATE,
    id: 'invalidateKeys',
    summary: 'Forget what is known of keys, on every replica',
    description: 'Sent by the key service. 503 means that other replicas do not know yet: send it again.',
    caller: 'admin',
    body: 'Invalidation',
    bodyRequired: true,
    success: [202, 'Invalidated'],
    problems: [400, 413, 415],
  },
  {
    method: 'get',
    path: ROUTE_KEY_LIMITS,
    id: 'getKeyLimits',
    summary: 'How much of its limits a key has left, as this gateway counts it',
    description: 'Asked by the key service. A replica knows the keys that it has served lately.',
    caller: 'admin',
    query: { key_id: { type: 'string' } },
    success: [200, 'KeyLimits'],
    problems: [400],
  },
  {
    method: 'post',
    path: ROUTE_KEY_EXPLAIN,
    id: 'explainKey',
    summary: 'What would become of a request of a key, and why',
    description:
      'Asked by the key service, which says in `key` what it knows of the key. Nothing is forwarded, and nothing counts against the key.',
    caller: 'admin',
    body: 'ExplainKey',
    bodyRequired: true,
    success: [200, 'Explanation'],
    problems: [400, 413, 415],
  },
  {
    method: 'get',
    path: ROUTE_OPENAPI,
    id: 'getOpenApi',
    summary: 'This document',
    caller: 'anyone',
    success: [200, 'OpenApi'],
  },
];

const browser: readonly GatewayOperation[] = [
  {
    method: 'get',
    path: ROUTE_SIGN_IN,
    id: 'showSignIn',
    summary: 'The page that takes a key',
    description: 'This route and the others for browsers exist only if SESSION_SECRETS is set.',
    caller: 'anyone',
    query: { next: { type: 'string' }, why: { type: 'string' }, after: { type: 'integer' } },
    success: [200, 'Text'],
    successType: HTML,
  },
  {
    method: 'post',
    path: ROUTE_SIGN_IN,
    id: 'signIn',
    summary:
      'Begin a session: 303 to the page that was asked for, with its cookie, or back to the sign-in page',
    caller: 'anyone',
    body: 'SignIn',
    bodyRequired: true,
    bodyType: 'application/x-www-form-urlencoded',
    success: [303],
    problems: [400, 403, 413, 415],
  },
  {
    method: 'get',
    path: ROUTE_SIGN_OUT,
    id: 'showSignOut',
    summary: 'The page that asks whether to sign out',
    caller: 'anyone',
    success: [200, 'Text'],
    successType: HTML,
  },
  {
    method: 'post',
    path: ROUTE_SIGN_OUT,
    id: 'signOut',
    summary: 'End the session whose cookie comes with it; 303 to the sign-in page for a form',
    caller: 'anyone',
    success: [204],
    problems: [403],
  },
  {
    method: 'get',
    path: ROUTE_SESSION,
    id: 'showSession',
    summary: "The page of the session: the key's scopes, end and limits",
    caller: 'key',
    success: [200, 'Text'],
    successType: HTML,
  },
  {
    method: 'get',
    path: ROUTE_SESSION_SCRIPT,
    id: 'getSessionScript',
    summary: "The script that MLflow's pages get in a session",
    caller: 'anyone',
    query: { lang: { type: 'string' }, v: { type: 'string' } },
    success: [200, 'Text'],
    successType: 'text/javascript',
  },
];

const mlflow: readonly GatewayOperation[] = MLFLOW_MOUNTS.flatMap((mount) =>
  METHODS.map((method): GatewayOperation => ({
    method,
    path: `${mount}/{mlflow_path}`,
    id: `${method}${nameOf(mount)}`,
    summary: "MLflow's own answer, where the key may have it",
    description: "Request and answer are streamed as they are. Media types are MLflow's.",
    caller: 'key',
    pathParameters: { mlflow_path: anyPath },
    success: [200, 'Anything'],
    problems: [404, 408, 431, 501, 502, 504, 508],
  })),
);

const authz: readonly GatewayOperation[] = METHODS.map((method) => ({
  method,
  path: `${ROUTE_AUTHZ}/{original_path}`,
  id: `${method}Authz`,
  summary: 'Whether a request may go to MLflow, for proxies that forward to it themselves',
  description:
    'Exists only if AUTHZ_TRUSTED_PEERS is set. An answer of 200 names the key and its user in headers.',
  caller: 'key',
  pathParameters: { original_path: anyPath },
  success: [200],
  problems: [404],
}));

const removed: readonly GatewayOperation[] = REMOVED_ROUTES.flatMap((path) =>
  METHODS.map((method): GatewayOperation => ({
    method,
    path: `${path}/{rest}`,
    id: `${method}Removed${nameOf(path)}`,
    summary: 'Key management has moved to the authentication service',
    caller: 'anyone',
    pathParameters: { rest: anyPath },
    success: [410, 'Problem'],
    successType: 'application/problem+json',
  })),
);

/** Everything that the gateway serves. */
export const OPERATIONS: readonly GatewayOperation[] = [
  ...mlflow,
  ...keys,
  ...health,
  ...browser,
  ...authz,
  ...removed,
];
