import type { Route } from './route.js';
import { ROUTE_TABLES } from './route-table.js';

/** Members of a protobuf message and their types: `[x]` is a list of x, `{x}` a map of x by text. */
export type MessageShape = Readonly<Record<string, string>>;

const shapes = new Map<string, MessageShape>();
for (const { messages } of ROUTE_TABLES)
  for (const [name, members] of Object.entries(messages))
    shapes.set(name, { ...members, ...shapes.get(name) });

/**
 * The members that any version of MLflow knows.
 *
 * @param name full name, such as `mlflow.LogBatch`; undefined for a message that the tables do not have
 */
export function messageShape(name: string): MessageShape | undefined {
  return shapes.get(name);
}

const shapesOfRoutes = new WeakMap<Route, MessageShape>();

/** Members of all messages that a route reads, another one in another version; undefined where it reads none. */
export function shapeOfRoute(route: Route): MessageShape | undefined {
  if (route.messages.length === 0) return undefined;
  let shape = shapesOfRoutes.get(route);
  if (shape === undefined) {
    const oldestFirst = [...route.messages].reverse().map((name) => shapes.get(name) ?? {});
    shapesOfRoutes.set(route, (shape = Object.assign({}, ...oldestFirst) as MessageShape));
  }
  return shape;
}
