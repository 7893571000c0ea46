import { isObject } from '../../../lib/json/json-object.js';
import type { QueryPair } from '../../../lib/http/query-pairs.js';
import type { Json, JsonObject } from '../../../lib/json/strict-json.js';
import type { Route } from '../../mlflow-routes/route.js';
import { ambiguous } from './ambiguous.js';
import type { HeldBytes } from './body-collector.js';

/** One string from a place of the request where MLflow looks for a name or an id. */
export interface Value {
  readonly text: string;
  /** Such as `query run_id` or `body metrics[3].model_id`. */
  readonly at: string;
}

/** MLflow uses the first of the two if it is set; its own client sends both. */
const OLD_NAMES: Readonly<Record<string, string>> = { run_id: 'run_uuid' };

/** A request in the form that rules read: each value is there once, in the place where MLflow will read it. */
export interface AskedParts {
  readonly route: Route;
  /** HEAD is GET here. */
  readonly method: string;
  /** Parameters of the path, decoded once, slashes collapsed. */
  readonly path: Readonly<Record<string, string>>;
  /** The path as the client sent it. */
  readonly rawPath: string;
  /**
   * Members of the query or of the body, by their snake_case names: those of the route's messages, or all members if
   * the route has no message.
   */
  readonly fields: JsonObject;
  readonly place: 'query' | 'body';
  /** All parameters in their order, decoded, and the query itself with its `?`. */
  readonly query: readonly QueryPair[];
  readonly rawQuery: string;
  readonly isHead: boolean;
  /** The body, where the rule reads it. */
  readonly bytes: Buffer | undefined;
  /** Counts the memory that reading takes. */
  readonly held: HeldBytes;
  /** Names and values alternating, as the client sent them. */
  readonly rawHeaders: readonly string[];
}

export class AskedRequest {
  constructor(readonly parts: AskedParts) {}

  get route(): Route {
    return this.parts.route;
  }

  /** Whether any of the names has a value. */
  has(name: string): boolean {
    return this.read(name).length > 0;
  }

  /**
   * Values under a name as the route table writes it, such as `run_id`, `experiment_ids[]` or `metrics[].model_id`;
   * from the path where it has that parameter, else from the query or the body.
   *
   * @throws ProblemError `ambiguous-request` for a value that is not a string, or several values if MLflow takes one
   */
  read(name: string): Value[] {
    const { path, fields, place } = this.parts;
    const inPath = Object.hasOwn(path, name) ? path[name] : undefined;
    const old = OLD_NAMES[name];
    const values = valuesAt(fields, name, place);
    const oldValues = old === undefined ? [] : valuesAt(fields, old, place);
    const both = [...values, ...oldValues];
    if (inPath !== undefined) {
      for (const { text } of both) if (text !== inPath) throw ambiguous(`"${name}" differs from the path`);
      return [{ text: inPath, at: `path ${name}` }];
    }
    if (values.length > 0 && oldValues.length > 0 && values[0]?.text !== oldValues[0]?.text)
      throw ambiguous(`"${name}" and "${old}" differ`);
    return values.length > 0 ? values : oldValues;
  }

  /**
   * The one value under a name; an empty string if there is none, which no grant opens.
   *
   * @throws ProblemError `ambiguous-request` for several
   */
  one(name: string): Value {
    const [value, second] = this.read(name);
    if (second !== undefined) throw ambiguous(`"${name}" is there twice`);
    return value ?? { text: '', at: `${this.parts.place} ${name}` };
  }

  /** Names in a map, such as the tags of a trace. */
  members(name: string): readonly string[] {
    let value: Json = this.parts.fields;
    for (const part of name.split('.')) value = isObject(value) ? (value[part] ?? null) : null;
    return isObject(value) ? Object.keys(value) : [];
  }

  /** @throws ProblemError `ambiguous-request` for a header that stands twice */
  header(lowerName: string): string | undefined {
    return headerOnce(this.parts.rawHeaders, lowerName);
  }
}

/** @throws ProblemError `ambiguous-request` for a header that stands twice */
export function headerOnce(rawHeaders: readonly string[], lowerName: string): string | undefined {
  let found: string | undefined;
  for (let i = 0; i < rawHeaders.length; i += 2) {
    if ((rawHeaders[i] as string).toLowerCase() !== lowerName) continue;
    if (found !== undefined) throw ambiguous(`the header "${lowerName}" is there twice`);
    found = rawHeaders[i + 1];
  }
  return found;
}

/** @param name path of members; `[]` behind one of them is every entry of a list */
function valuesAt(fields: JsonObject, name: string, place: string): Value[] {
  const found: Value[] = [];
  collect(fields, partsOf(name), 0, place, found);
  return found;
}

const names = new Map<string, readonly string[]>();

function partsOf(name: string): readonly string[] {
  let parts = names.get(name);
  if (parts === undefined) names.set(name, (parts = name.split('.')));
  return parts;
}

/** The place is written out only for ids that are found, because a batch can have a thousand entries without an id. */
function collect(value: Json, parts: readonly string[], depth: number, at: string, found: Value[]): void {
  const part = parts[depth];
  if (part === undefined) {
    if (typeof value !== 'string') throw ambiguous(`"${at}" is not a string, or is there twice`);
    found.push({ text: value, at });
    return;
  }
  const isList = part.endsWith('[]');
  const member = isList ? part.slice(0, -2) : part;
  const next = (value as JsonObject)[member];
  if (next === undefined || next === null) return;
  const path = `${at}${depth === 0 ? ' ' : '.'}${member}`;
  const after = parts[depth + 1]?.replace('[]', '');
  if (!isList) collect(next, parts, depth + 1, path, found);
  else
    (Array.isArray(next) ? (next as readonly Json[]) : [next]).forEach((entry, index) => {
      if (after === undefined || (entry as JsonObject | null)?.[after] !== undefined)
        collect(entry, parts, depth + 1, `${path}[${index}]`, found);
    });
}
