import { isObject } from '../../lib/json/json-object.js';
import { UnexpectedResponseError } from '../errors.js';
import type { Answer, Needs, TransportRequest } from './transport.types.js';

/**
 * The object in an answer; anything else is not an answer of an API, with any status.
 *
 * @throws UnexpectedResponseError
 */
export function parseAnswer(request: TransportRequest, answer: Answer): object {
  if (request.mayBeEmpty && answer.text.trim() === '') return {};
  let value: unknown;
  try {
    value = JSON.parse(answer.text);
  } catch {
    throw unexpected(request, answer, 'something that is not JSON');
  }
  if (!isObject(value)) throw unexpected(request, answer, 'JSON that is no object');
  const missing = missingMember(value, request.needs ?? {});
  if (missing !== undefined) throw unexpected(request, answer, `an object without a proper "${missing}"`);
  return value;
}

/** Name of the first member that is absent, empty or of another type. */
function missingMember(value: Record<string, unknown>, needs: Needs): string | undefined {
  return Object.entries(needs).find(([name, need]) => {
    const member = value[name];
    if (typeof need === 'string') return typeof member !== need || member === '';
    return !Array.isArray(member) || member.some((one) => !isObject(one) || missingMember(one, need[0]));
  })?.[0];
}

function unexpected(request: TransportRequest, answer: Answer, what: string): UnexpectedResponseError {
  return new UnexpectedResponseError(
    `${request.method} ${request.path} was answered ${answer.status} with ${what}`,
    { status: answer.status, requestId: answer.headers.get('x-request-id') ?? undefined },
  );
}
