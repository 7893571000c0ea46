import { newMembers } from '../../../lib/json/members.js';
import type { Json, JsonObject } from '../../../lib/json/strict-json.js';
import type { QueryPair } from '../../../lib/http/query-pairs.js';
import type { MessageShape } from '../../mlflow-routes/message-shapes.js';
import { ambiguous } from './ambiguous.js';
import { entryType, scalarCheck } from './field-types.js';

/**
 * Reads a query as MLflow reads a message from it: members by their snake names alone, a list by repeating it. Where
 * MLflow would take the first of several values, there may be one.
 *
 * @param shape undefined if MLflow reads the parameters without a message: then a repeated parameter is a list, and
 *   the rules decide what is allowed
 * @throws ProblemError `ambiguous-request` for a repeated parameter, or one of a wrong type
 */
export function readQueryFields(pairs: readonly QueryPair[], shape: MessageShape | undefined): JsonObject {
  const fields = newMembers<Json>();
  for (const { name, value } of pairs) {
    const type = shape === undefined ? 'string' : Object.hasOwn(shape, name) ? shape[name] : undefined;
    if (type === undefined) continue;
    const entries = entryType(type);
    if (!isText(value, entries?.type ?? type))
      throw ambiguous(`the parameter "${name}" has another type than MLflow knows`);
    const before = fields[name];
    if (entries?.kind === 'list') fields[name] = [...((before as Json[] | undefined) ?? []), value];
    else if (before === undefined) fields[name] = value;
    else if (shape !== undefined) throw ambiguous(`the parameter "${name}" stands twice`);
    else fields[name] = [...(Array.isArray(before) ? (before as Json[]) : [before]), value];
  }
  return fields;
}

/** Whether protobuf's reader accepts a string as a value of the type. */
function isText(value: string, type: string): boolean {
  if (type === 'bool') return /^(?:true|false)$/i.test(value);
  // Protobuf cannot read a list of messages from a query, and would drop everything after it.
  return scalarCheck(type)?.(value) ?? false;
}
