import { readStrictJson, type Json } from '../../../lib/json/strict-json.js';
import { ambiguous } from '../reading/ambiguous.js';
import { jsonFault } from '../reading/json-memory.js';
import type { AskedRequest } from '../reading/asked-request.js';
import { withParameter } from './raw-query.js';
import { rebuiltBody } from './rebuilt-body.js';

/** What of a request is another. */
export interface RewrittenRequest {
  readonly body?: Buffer;
  readonly target?: { readonly rawQuery: string };
}

/**
 * A request with some members replaced, where MLflow reads them.
 *
 * @param members by MLflow's names; undefined drops one
 * @throws ProblemError `ambiguous-request` for a body that cannot be written again as it was
 */
export function rewritten(
  { parts }: AskedRequest,
  members: Readonly<Record<string, Json | undefined>>,
): RewrittenRequest {
  if (parts.place === 'query') {
    // It would list all there is, and say how long that is.
    if (parts.isHead) throw ambiguous('MLflow does not read the query of a HEAD');
    let { rawQuery } = parts;
    // From last to first, so that they stand in the order given.
    for (const [name, value] of Object.entries(members).reverse())
      rawQuery = withParameter(rawQuery, name, valuesOf(value));
    return { target: { rawQuery } };
  }
  const read = readStrictJson(parts.bytes ?? Buffer.from('{}'));
  if ('fault' in read) throw jsonFault('its body', read.fault);
  const body = rebuiltBody(read.value, members);
  if (body === undefined) throw ambiguous('its body has a number that cannot be written again as it was');
  return { body };
}

function valuesOf(value: Json | undefined): string[] {
  if (value === undefined || value === null) return [];
  return (Array.isArray(value) ? (value as readonly Json[]) : [value]).map((one) =>
    typeof one === 'string' ? one : JSON.stringify(one),
  );
}
