import { withoutTree, type RouteFamily } from './route.js';

/** The first that matches a template without its tree; the order matters where one lies inside another. */
const FAMILIES: readonly (readonly [RegExp, RouteFamily])[] = [
  [/^v1\/traces$/, 'otlp'],
  [/^graphql$/, 'graphql'],
  [/^(?:$|static-files\/|build\/|mlflow\/ui-telemetry$)/, 'ui'],
  [/^(?:health|version|mlflow\/server-info)$/, 'probe'],
  [/^mlflow\/assistant(?:\/|$)/, 'assistant'],
  [/^(?:mlflow\/(?:users|roles|\w+\/permissions)(?:\/|$)|signup$)/, 'user'],
  [/^mlflow\/webhooks(?:\/|$)/, 'webhook'],
  [/^mlflow\/workspaces(?:\/|$)/, 'workspace'],
  [/^mlflow\/demo\//, 'demo'],
  [/^mlflow\/mcp-servers(?:\/|$)/, 'mcp'],
  [/^(?:gateway\/|mlflow\/gateway-proxy$)/, 'gateway'],
  [/^mlflow\/gateway\//, 'gateway-admin'],
  [/^(?:jobs\/|mlflow\/(?:jobs|prompt-optimization)\/)/, 'job'],
  [/^mlflow\/(?:scorer|issues|genai\/evaluate)\/invoke$/, 'job'],
  [/^(?:mlflow-artifacts\/|mlflow\/artifacts\/|mlflow\/upload-artifact$)/, 'artifact'],
  [/^(?:get-artifact|model-versions\/get-artifact|mlflow\/get-trace-artifact)$/, 'artifact'],
  [/^mlflow\/logged-models\/\{\w+\}\/artifacts\//, 'artifact'],
  [/^mlflow\/logged-models(?:\/|$)/, 'logged-model'],
  [/^mlflow\/(?:datasets(?:\/|$)|experiments\/search-datasets$)/, 'dataset'],
  [/^mlflow\/experiments\//, 'experiment'],
  [/^mlflow\/(?:runs|metrics)\//, 'run'],
  [/^mlflow\/(?:traces(?:\/|$)|get-online-trace-details$|unified-traces$)/, 'trace'],
  [/^mlflow\/(?:registered-models|model-versions)\//, 'registry'],
  [/^mlflow\/scorers\//, 'scorer'],
  [/^mlflow\/(?:label-schemas|review-queues|issues)(?:\/|$)/, 'review'],
];

/** Undefined where no rule knows the route: a person has to say what a new one is about. */
export function familyOf(template: string): RouteFamily | undefined {
  const path = withoutTree(template);
  return FAMILIES.find(([pattern]) => pattern.test(path))?.[1];
}
