import { ERROR_TYPE_BASE, type ErrorName } from '../../contracts/errors/error-codes.js';

/** When and how long to wait before a request is sent again. */
export interface RetryPolicy {
  /** Attempts after the first; 0 switches retries off. */
  readonly maxRetries: number;
  /** Upper bound of the first wait; it doubles each time. */
  readonly baseDelayMs: number;
  readonly maxDelayMs: number;
  /** If a server asks for a longer wait than this, the call fails at once. */
  readonly maxRetryAfterMs: number;
}

export const DEFAULT_RETRY_POLICY: RetryPolicy = {
  maxRetries: 4,
  baseDelayMs: 500,
  maxDelayMs: 8_000,
  maxRetryAfterMs: 60_000,
};

/** A retry policy in part; what is undefined is the default. */
export type RetryOptions = { readonly [Name in keyof RetryPolicy]?: RetryPolicy[Name] | undefined };

export function retryPolicyOf(given: RetryOptions | undefined): RetryPolicy {
  const set = Object.entries(given ?? {}).filter(([, value]) => value !== undefined);
  return { ...DEFAULT_RETRY_POLICY, ...(Object.fromEntries(set) as Partial<RetryPolicy>) };
}

/** What is wrong with retry options: with NaN, requests would be repeated without an end or without a pause. */
export function retryProblems(given: unknown): string[] {
  if (given === undefined || given === null) return [];
  if (typeof given !== 'object' || Array.isArray(given))
    return ['retry must be an object such as { maxRetries: 2 }'];
  return (Object.keys(DEFAULT_RETRY_POLICY) as (keyof RetryPolicy)[]).flatMap((name) => {
    const value = (given as Record<string, unknown>)[name];
    const problem = name === 'maxRetries' ? maxRetriesProblem(value) : waitProblem(value);
    return problem === undefined ? [] : [`retry.${name} ${problem}`];
  });
}

export function maxRetriesProblem(value: unknown): string | undefined {
  return value === undefined || (Number.isSafeInteger(value) && (value as number) >= 0)
    ? undefined
    : 'must be 0 or a positive whole number';
}

function waitProblem(value: unknown): string | undefined {
  return value === undefined || (Number.isFinite(value) && (value as number) >= 0)
    ? undefined
    : 'must be 0 or a positive number of milliseconds';
}

/**
 * The result of a failed attempt: `untouched` was certainly not processed, `unknown` may have been processed, `final`
 * cannot succeed by a repetition.
 */
export type Fate = 'untouched' | 'unknown' | 'final';

/** Refusals of the gateway and the key service that come before anything is forwarded or written. */
const REFUSED_UNTOUCHED: ReadonlySet<string> = new Set(
  (
    [
      'auth-service-unavailable',
      'overloaded',
      'rate-limit-store-unavailable',
      'not-ready',
    ] satisfies ErrorName[]
  ).map((name) => ERROR_TYPE_BASE + name),
);

const TRANSIENT = new Set([408, 500, 502, 503, 504]);

/** Connection faults before a single byte was sent, as Node, Deno and Bun name them. */
const NEVER_SENT = new Set([
  'ECONNREFUSED',
  'ConnectionRefused',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
]);

/** Fate of an answer with a status of 400 and above. A limit is checked before a request is forwarded. */
export function fateOfStatus(status: number, problemType: string | undefined): Fate {
  if (status === 429) return 'untouched';
  if (status === 503 && problemType && REFUSED_UNTOUCHED.has(problemType)) return 'untouched';
  return TRANSIENT.has(status) ? 'unknown' : 'final';
}

/** Fate of a rejected `fetch`; browsers give no code, so there it is unknown. */
export function fateOfConnectionFault(error: unknown): Fate {
  // By shape and not by class: the runtime's errors may be of another realm.
  let fault = error as { code?: unknown; cause?: unknown; errors?: unknown } | null | undefined;
  for (let depth = 0; fault && depth < 4; fault = fault.cause as typeof fault, depth++) {
    if (typeof fault.code === 'string' && NEVER_SENT.has(fault.code)) return 'untouched';
    if (Array.isArray(fault.errors) && fault.errors.length > 0)
      return fault.errors.every((one) => fateOfConnectionFault(one) === 'untouched')
        ? 'untouched'
        : 'unknown';
  }
  return 'unknown';
}

/**
 * Milliseconds until the next attempt, or undefined if there is none: exponential with full jitter, and never before
 * the server's `Retry-After`.
 *
 * @param repeatable whether the request does no harm when it is done twice
 * @param attempt attempts made so far, at least 1
 */
export function retryDelayMs(
  policy: RetryPolicy,
  failure: { fate: Fate; retryAfterSeconds?: number | undefined },
  repeatable: boolean,
  attempt: number,
  random: () => number,
): number | undefined {
  if (attempt > policy.maxRetries || failure.fate === 'final') return undefined;
  if (failure.fate === 'unknown' && !repeatable) return undefined;
  const backoffMs = Math.min(policy.maxDelayMs, policy.baseDelayMs * 2 ** (attempt - 1)) * random();
  if (failure.retryAfterSeconds === undefined) return backoffMs;
  const askedMs = failure.retryAfterSeconds * 1000;
  // The jitter is added to it, so that clients with the same `Retry-After` do not all return in the same second.
  return askedMs > policy.maxRetryAfterMs ? undefined : askedMs + backoffMs / 4;
}

/** `Retry-After` in seconds from now (RFC 9110, 10.2.3: seconds or a date); undefined where absent or unreadable. */
export function parseRetryAfterSeconds(value: string | null, nowMs = Date.now()): number | undefined {
  if (value === null) return undefined;
  if (/^\s*\d+\s*$/.test(value)) return Number(value);
  // Only with the name of a month is it a date: "1.5" would be read as one, too.
  const atMs = /[a-z]{3}/i.test(value) ? Date.parse(value) : NaN;
  return Number.isNaN(atMs) ? undefined : Math.max(0, Math.ceil((atMs - nowMs) / 1000));
}
