/** What a route of MLflow is about; docs/authorization.md says how each is decided. */
export type RouteFamily =
  | 'experiment'
  | 'run'
  | 'logged-model'
  | 'artifact'
  | 'trace'
  | 'otlp'
  | 'registry'
  | 'dataset'
  | 'scorer'
  | 'review'
  | 'job'
  | 'gateway'
  | 'gateway-admin'
  | 'mcp'
  | 'webhook'
  | 'workspace'
  | 'assistant'
  | 'demo'
  | 'user'
  | 'graphql'
  | 'ui'
  | 'probe';

/** What a route does to it. Deleting, restoring and renaming are `manage`, as in MLflow. */
export type RouteAction = 'read' | 'write' | 'manage' | 'invoke';

export type IdPlace = 'path' | 'query' | 'body' | 'header';

/** Where a request names a resource: the place, and the path of members to it, such as `metrics[].model_id`. */
export interface IdPosition {
  readonly place: IdPlace;
  readonly name: string;
}

/** One route of MLflow, of any version that serves it. */
export interface Route {
  readonly method: string;
  /** Path below the mount, such as `/api/2.0/mlflow/traces/{trace_id}/tags`; `{x:path}` takes slashes too. */
  readonly template: string;
  /** MLflow's own name of the call, such as `setTraceTag`. */
  readonly name: string;
  readonly family: RouteFamily;
  readonly action: RouteAction;
  readonly ids: readonly IdPosition[];
  /** Full names of the protobuf messages that MLflow's versions read from the query or the body, newest first. */
  readonly messages: readonly string[];
  /** Place in the registration order of MLflow's FastAPI application, which answers before Flask. */
  readonly fastapiOrder: number | undefined;
}

const TREE = /^\/(?:ajax-)?api\/\d+\.\d+\/?/;

/** A template without the tree that it lies in: `mlflow/runs/get`, and `graphql` for `/graphql`. */
export function withoutTree(template: string): string {
  const rest = template.replace(TREE, '');
  return rest.startsWith('/') ? rest.slice(1) : rest;
}
