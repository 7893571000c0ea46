import {
  readLongStrictJson,
  readStrictJson,
  type JsonObject,
  type StrictJson,
} from '../../../lib/json/strict-json.js';
import type { ProblemError } from '../../../lib/http/problem-error.js';
import type { MessageShape } from '../../mlflow-routes/message-shapes.js';
import type { Route } from '../../mlflow-routes/route.js';
import { ambiguous } from './ambiguous.js';
import { headerOnce, type AskedParts } from './asked-request.js';
import type { HeldBytes } from './body-collector.js';
import { camelCase } from './field-types.js';
import { BYTES_OF_VALUE, holding, jsonFault } from './json-memory.js';
import { readLongMessage, readMessage } from './message-reader.js';

/** Longer bodies are read in slices, between which others have their turn. */
const LONG_BYTES = 256 * 1024;
const JSON_TYPE = /^application\/json *(?:;|$)/;

/**
 * How a body is read: `none` for not at all, as the route's messages, as JSON whose member names stay unchanged, or as
 * bytes.
 */
export type BodyForm = 'none' | 'message' | 'json' | 'bytes';

/** As the route table says: a body that has no id is not read. */
export function bodyForm({ ids, messages }: Route): BodyForm {
  if (!ids.some(({ place }) => place === 'body')) return 'none';
  return messages.length > 0 ? 'message' : 'json';
}

/** MLflow reads the body of a GET that has no query, and of a HEAD that has one. */
export function refuseBody(): ProblemError {
  return ambiguous('a GET or HEAD has a body');
}

export interface BodyReading {
  readonly shape: MessageShape | undefined;
  readonly anyContentType: boolean;
  readonly held: HeldBytes;
}

/**
 * Members of a body, in the only form that all of MLflow's parsers read in the same way.
 *
 * @param bytes empty where there is no body, which MLflow takes for an empty object
 * @throws ProblemError `ambiguous-request`; `request-too-large` for too many values; where there is no room for them
 */
export async function readBodyFields(
  bytes: Buffer,
  rawHeaders: readonly string[],
  form: Exclude<BodyForm, 'none'>,
  { shape, anyContentType, held }: BodyReading,
): Promise<JsonObject> {
  if (form === 'bytes') return {};
  if (bytes.length === 0) return {};
  refuseOtherTypes(rawHeaders, anyContentType);
  const isLong = bytes.length > LONG_BYTES;
  const json: StrictJson = isLong ? await readLongStrictJson(bytes, holding(held)) : readStrictJson(bytes);
  if ('fault' in json) throw jsonFault('its body', json.fault);
  held.grow(json.values * BYTES_OF_VALUE);
  if (form === 'json' || shape === undefined) return json.value;
  return isLong ? readLongMessage(json.value, shape, turn) : readMessage(json.value, shape);
}

/** @throws ProblemError `ambiguous-request` for a body that is encoded or not declared as JSON */
function refuseOtherTypes(rawHeaders: readonly string[], anyContentType: boolean): void {
  if (headerOnce(rawHeaders, 'content-encoding') !== undefined) throw ambiguous('its body is encoded');
  const type = headerOnce(rawHeaders, 'content-type');
  if (!anyContentType && !JSON_TYPE.test(type ?? ''))
    throw ambiguous('its Content-Type is not application/json');
}

/**
 * If the message is in the body, MLflow does not read the query. An id in the query is refused, because some other
 * reader could use it.
 *
 * @throws ProblemError `ambiguous-request`
 */
export function refuseStrayQuery({ route, place, query, fields }: AskedParts): void {
  if (place !== 'body') return;
  const ids = new Set(
    route.ids.flatMap(({ name, place: where }) => {
      const member = name.split(/[.[]/)[0] as string;
      return where === 'body' ? [member, camelCase(member)] : [];
    }),
  );
  for (const { name } of query)
    if (ids.has(name) || name in fields)
      throw ambiguous(`"${name}" is in the query, but the request has a body`);
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
