import { isObject } from '../../../../lib/json/json-object.js';
import { readLongStrictJson, type Json, type JsonObject } from '../../../../lib/json/strict-json.js';
import type { HeldBytes } from '../body-collector.js';
import { holding } from '../json-memory.js';
import {
  OtlpFault,
  refusePlaceOfFiles,
  REQUEST_ID_ATTRIBUTE,
  TooLargeSpans,
  traceOfAttribute,
  traceOfHex,
} from './trace-names.js';

/** Those of thousands of spans. */
const MAX_VALUES = 500_000;

/**
 * The same for the JSON form of OTLP, which MLflow takes since 3.17. Its parser also takes the members' names of
 * protobuf, and then reads ids as base64: they are refused.
 *
 * @throws OtlpFault, TooLargeSpans; ProblemError where there is no room for them
 */
export async function tracesInJson(body: Uint8Array, held: HeldBytes): Promise<Set<string>> {
  const read = await readLongStrictJson(body, holding(held, body.length), MAX_VALUES);
  if ('fault' in read)
    throw read.fault === 'holds too many values' ? new TooLargeSpans() : new OtlpFault(read.fault);
  const traces = new Set<string>();
  for (const resource of objectsIn(read.value, 'resourceSpans', 'resource_spans'))
    for (const scope of objectsIn(resource, 'scopeSpans', 'scope_spans'))
      for (const span of objectsIn(scope, 'spans')) {
        traces.add(traceOfHex(textIn(span, 'traceId', 'trace_id')));
        for (const { key, value } of objectsIn(span, 'attributes')) {
          if (typeof key === 'string') refusePlaceOfFiles(key);
          if (key === REQUEST_ID_ATTRIBUTE) traces.add(traceInAttribute(value));
        }
      }
  return traces;
}

function traceInAttribute(value: Json | undefined): string {
  if (!isObject(value) || Object.keys(value).length !== 1)
    throw new OtlpFault(`has an attribute "${REQUEST_ID_ATTRIBUTE}" that is no text`);
  return traceOfAttribute(textIn(value, 'stringValue', 'string_value'));
}

function objectsIn(parent: JsonObject, name: string, other?: string): readonly JsonObject[] {
  const entries = memberIn(parent, name, other) ?? [];
  if (!Array.isArray(entries) || !entries.every((entry: Json) => isObject(entry)))
    throw new OtlpFault(`has "${name}" that is no list of objects`);
  return entries;
}

function textIn(parent: JsonObject, name: string, other: string): string {
  const text = memberIn(parent, name, other);
  if (typeof text !== 'string') throw new OtlpFault(`has no valid "${name}"`);
  return text;
}

function memberIn(parent: JsonObject, name: string, other: string | undefined): Json | undefined {
  if (other !== undefined && other in parent) throw new OtlpFault(`has "${other}": OTLP names it "${name}"`);
  return parent[name];
}
