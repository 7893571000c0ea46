import { withoutTree, type RouteAction, type RouteFamily } from './route.js';

/** Families whose routes are for administrators, apart from the exceptions below. */
const ADMINISTRATION: ReadonlySet<RouteFamily> = new Set([
  'assistant',
  'webhook',
  'user',
  'workspace',
  'demo',
]);

/** Exceptions, for which the method and the name alone would give a wrong result: `METHOD path without its tree`. */
const EXCEPTIONS: readonly (readonly [RegExp, RouteAction])[] = [
  // Answers with a URL, by POST because its body is long.
  [/^POST mlflow\/artifacts\/presigned-download-url$/, 'read'],
  [/^GET mlflow\/workspaces(?:\/|$)/, 'read'],
  // The handler is called `export_traces`, and stores them.
  [/^POST v1\/traces$/, 'write'],
  [/^POST gateway\//, 'invoke'],
  [/^POST mlflow\/gateway-proxy$/, 'invoke'],
  // Its "mutations" are searches.
  [/^\w+ graphql$/, 'read'],
  // Runs any registered function on MLflow's host.
  [/^POST jobs\/$/, 'manage'],
  [/^(?:POST|PUT|PATCH|DELETE) mlflow\/gateway\/(?:secrets|budgets|guardrails)\//, 'manage'],
  // MLflow shows the bare list to its administrators alone.
  [/^GET mlflow\/gateway\/guardrails\/(?:get|list)$/, 'manage'],
  // Changes nothing that anybody reads.
  [/^POST mlflow\/ui-telemetry$/, 'read'],
];

const READ_NAME = /^(?:serve_)?(?:get|list|search|batch_?get|query|calculate)/i;
const MANAGE_NAME = /^(?:delete|restore|rename)/i;
/** Parts of a resource: whoever may change the resource may also remove its parts. */
const OF_A_PART = /(?:tags?|alias|records?|assessment|binding)(?:V\d)?$/i;

/**
 * What a route does, by the first rule that matches: administration, the exceptions, GET, and the name of the call.
 *
 * @param name MLflow's name of the call, in either spelling: `getOrCreateUserQueue`, `delete_mcp_server`
 */
export function actionOf(method: string, template: string, name: string, family: RouteFamily): RouteAction {
  const call = `${method} ${withoutTree(template)}`;
  const exception = EXCEPTIONS.find(([pattern]) => pattern.test(call));
  if (exception) return exception[1];
  if (ADMINISTRATION.has(family)) return 'manage';
  if (method === 'GET') return 'read';
  if (READ_NAME.test(name) && !/or_?create/i.test(name)) return 'read';
  if ((method === 'DELETE' || MANAGE_NAME.test(name)) && !OF_A_PART.test(name)) return 'manage';
  return 'write';
}
