import { RouteMatcher } from './route-matcher.js';
import { allRoutes } from './route-table.js';
import type { Route, RouteAction, RouteFamily } from './route.js';

const matcher = new RouteMatcher(allRoutes());
const names = new Map<Route, string>();

/**
 * The route that MLflow dispatches a request to; undefined for one that no known version has.
 *
 * @param path below the mount, decoded once, slashes collapsed
 */
export function routeOf(method: string, path: string): Route | undefined {
  return matcher.match(method, path);
}

/** The one name for every path that no known version of MLflow has: invented paths must not make new names. */
export const UNKNOWN_ENDPOINT = '/{other}';

/** What usage, budgets and metrics group requests by. */
export interface Endpoint {
  /** Of the route table, without ids, names and file paths: `/api/3.0/mlflow/traces/{id}`. */
  readonly name: string;
  /** Undefined for a route that no known version has. */
  readonly family: RouteFamily | undefined;
  readonly action: RouteAction | undefined;
}

/** @param path below the mount, decoded once, slashes collapsed */
export function endpointOf(method: string, path: string): Endpoint {
  const route = routeOf(method, path);
  return {
    name: route ? endpointName(route) : UNKNOWN_ENDPOINT,
    family: route?.family,
    action: route?.action,
  };
}

/** The same for every version of MLflow, which name one parameter differently. */
export function endpointName(route: Route): string {
  let name = names.get(route);
  if (name === undefined) {
    name = route.template.replace(/\{\w+(:path)?\}/g, (_, tail) => (tail ? '{path}' : '{id}'));
    names.set(route, name);
  }
  return name;
}
