import { ValidationError } from './errors.js';
import { maxRetriesProblem, retryProblems } from './http/retry-policy.js';

/** What callers without TypeScript may get wrong, as sentences that name the option and never its value. */

/** Options of the transport, not checked yet. */
export interface TransportSettings {
  readonly timeoutMs?: unknown;
  readonly maxAnswerBytes?: unknown;
  readonly retry?: unknown;
  readonly fetch?: unknown;
  readonly onAttempt?: unknown;
}

export function transportProblems(settings: TransportSettings): string[] {
  const { timeoutMs, maxAnswerBytes, retry, fetch, onAttempt } = settings;
  return [
    functionProblem('fetch', fetch),
    functionProblem('onAttempt', onAttempt),
    timeoutProblem(timeoutMs),
    maxAnswerProblem(maxAnswerBytes),
    ...retryProblems(retry),
  ].filter((problem) => problem !== undefined);
}

/** @throws ValidationError for a value with which a call would repeat without an end, or end at once */
export function checkCall({ timeoutMs, maxRetries }: { timeoutMs?: unknown; maxRetries?: unknown }): void {
  const retries = maxRetriesProblem(maxRetries);
  const problem = retries === undefined ? timeoutProblem(timeoutMs) : `maxRetries ${retries}`;
  if (problem !== undefined) throw new ValidationError(problem);
}

/** `Infinity` is allowed: it is as long as the longest timer. */
function timeoutProblem(timeoutMs: unknown): string | undefined {
  return isUnset(timeoutMs) || (typeof timeoutMs === 'number' && timeoutMs >= 0)
    ? undefined
    : 'timeoutMs must be 0 (no limit) or a positive number of milliseconds';
}

function maxAnswerProblem(bytes: unknown): string | undefined {
  return isUnset(bytes) || (typeof bytes === 'number' && bytes > 0)
    ? undefined
    : 'maxAnswerBytes must be a positive number of bytes';
}

function functionProblem(name: string, value: unknown): string | undefined {
  return isUnset(value) || typeof value === 'function' ? undefined : `${name} must be a function`;
}

function isUnset(value: unknown): value is undefined | null {
  return value === undefined || value === null;
}
