import type { ErrorName } from '../../../contracts/errors/error-codes.js';
import { ProblemError } from '../../../lib/http/problem-error.js';
import type { KeyFacts } from '../../principal/key-facts.js';
import type { Principal } from '../../principal/principal.js';
import type { LookupResult } from '../auth.metrics.js';

/** The result of authentication for a request. */
export type Verdict = Admitted | Refused;

export interface Admitted {
  readonly kind: 'admitted';
  readonly principal: Principal;
  readonly lookup: LookupResult;
}

export interface Refused {
  readonly kind: 'refused';
  readonly refusal: Refusal;
  /** What is known of the refused key, for the log. */
  readonly facts?: KeyFacts;
  readonly lookup?: LookupResult;
  /** First characters of the key where it has the format of one, for reports. */
  readonly keyPrefix?: string | undefined;
}

/** Why a request is refused, and what everybody is told of it. */
export interface Refusal {
  /** What the client is told. */
  readonly problem: ErrorName;
  /** For the log and the metrics: one of a few fixed words, never a part of the request. */
  readonly reason: string;
  /** Response headers, such as `www-authenticate`. */
  readonly headers?: Record<string, string>;
  readonly retryAfterSeconds?: number;
  /** The refusal counts among the refused keys of its client address. */
  readonly counted?: boolean;
}

/** What the client is told. */
export function problemOf({ problem, reason, headers, retryAfterSeconds }: Refusal): ProblemError {
  return new ProblemError(problem, {
    reason,
    ...(headers && { headers }),
    ...(retryAfterSeconds !== undefined && { retryAfterSeconds }),
  });
}
