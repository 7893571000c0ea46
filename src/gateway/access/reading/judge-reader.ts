import { isObject } from '../../../lib/json/json-object.js';
import { readStrictJson, type Json, type JsonFault } from '../../../lib/json/strict-json.js';

/** What MLflow will do for a judge or an optimizer when it runs it by itself. */
export interface JudgeReading {
  /** Names of endpoints of MLflow's AI gateway that it calls. */
  readonly endpoints: readonly string[];
  /** Ids of traces that it reads, wherever they lie. */
  readonly traces: readonly string[];
  /** Settings that could choose the server, its credentials or the model, such as `inference_params.api_base`. */
  readonly settings: readonly string[];
  /** Addresses of servers. */
  readonly addresses: readonly string[];
}

/** How an endpoint of MLflow's AI gateway is named where a model is (`mlflow/metrics/genai/model_utils.py`). */
const GATEWAY = /^\s*gateway:\/+(.*)$/is;
/** Traces that a judge uses as examples. Traces that a guideline was made from are not read again. */
const READS_TRACES = /^(?!source_)(?:\w+_)?trace_ids?$/i;
/** What is handed on to a client of an LLM as it is: `inference_params`, `lm_kwargs`, `kwargs`. */
const HANDED_ON = /(?:params|parameters|kwargs)$/i;
/** Settings that only say how a model answers; they may have any value. */
const HARMLESS: ReadonlySet<string> = new Set([
  'candidate_selection_strategy',
  'criteria',
  'evaluation_steps',
  'frequency_penalty',
  'logit_bias',
  'mode',
  'parallel_tool_calls',
  'presence_penalty',
  'reasoning_effort',
  'response_format',
  'stop',
  'tool_choice',
  'verbosity',
]);
const ADDRESS = /^(?:\w+_)?(?:base|url|uri|host)$/i;
const HEADERS = /^(?:\w+_)?headers$/i;

/**
 * Reads a judge or an optimizer in the form that MLflow's client writes. The form differs by kind and version, so
 * every part of it is searched.
 *
 * @returns the fault of a string that can be read in two ways
 */
export function readJudge(json: string): JudgeReading | { readonly fault: JsonFault } {
  const read = readStrictJson(Buffer.from(json));
  if ('fault' in read) return read;
  const reading = { endpoints: [], traces: [], settings: [], addresses: [] };
  walk(read.value, reading);
  return reading;
}

type Found = { readonly [Member in keyof JudgeReading]: string[] };

function walk(value: Json, found: Found): void {
  if (typeof value === 'string') {
    const endpoint = GATEWAY.exec(value)?.[1];
    if (endpoint !== undefined) found.endpoints.push(endpoint);
  } else if (Array.isArray(value)) (value as readonly Json[]).forEach((entry) => walk(entry, found));
  else if (isObject(value))
    for (const [name, member] of Object.entries(value)) {
      // Names are searched too: an endpoint may be named anywhere.
      walk(name, found);
      readMember(name, member, found);
      walk(member, found);
    }
}

function readMember(name: string, member: Json, found: Found): void {
  if (READS_TRACES.test(name)) found.traces.push(...textsIn(member));
  if (ADDRESS.test(name) && typeof member === 'string' && member !== '') {
    found.addresses.push(member);
    found.settings.push(name);
  }
  if (HEADERS.test(name) && textsIn(member).some((text) => text !== '')) found.settings.push(name);
  if (HANDED_ON.test(name) && isObject(member))
    for (const [inner, value] of Object.entries(member))
      if (isSomething(value) && !HARMLESS.has(inner)) found.settings.push(`${name}.${inner}`);
}

/** Numbers and switches name nothing. */
function isSomething(value: Json): boolean {
  return typeof value === 'string' || (typeof value === 'object' && value !== null);
}

function textsIn(value: Json): string[] {
  if (typeof value === 'string') return [value];
  if (Array.isArray(value)) return (value as readonly Json[]).flatMap(textsIn);
  return isObject(value) ? Object.values(value).flatMap(textsIn) : [];
}
