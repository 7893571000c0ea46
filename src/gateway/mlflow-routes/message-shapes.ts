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
 * @param name full name, such as `mlflow.LogBatch`; undefined for what is no message of the tables
 */
export function messageShape(name: string): MessageShape | undefined {
  return shapes.get(name);
}

/** Members of several messages together: one route reads another message in another version. */
export function mergedShape(names: readonly string[]): MessageShape {
  return Object.assign({}, ...[...names].reverse().map((name) => shapes.get(name) ?? {})) as MessageShape;
}
