import type { ServerResponse } from 'node:http';
import {
  HEADER_LEGACY_LIMIT,
  HEADER_LEGACY_REMAINING,
  HEADER_LEGACY_RESET,
  HEADER_RATELIMIT,
  HEADER_RATELIMIT_POLICY,
} from '../../contracts/http/headers.js';
import { addOwnHeader, ownHeader } from '../../platform/http/own-headers.js';
import type { Budget } from './budget.js';
import { tightest, type Decision, type Standing } from './decision.js';

/** Whole seconds, rounded up: a client that waits that long is not too early. */
function seconds(ms: number): number {
  return Math.ceil(ms / 1000);
}

/** `RateLimit` of draft-ietf-httpapi-ratelimit-headers-11, section 4: what remains, and the seconds until it grows. */
export function rateLimitHeader({ limits: { budgets }, standings }: Decision): string {
  let text = '';
  for (let i = 0; i < standings.length; i++) {
    const { remaining, resetMs } = standings[i] as Standing;
    text += `${i === 0 ? '' : ', '}"${(budgets[i] as Budget).name}";r=${remaining};t=${seconds(resetMs)}`;
  }
  return text;
}

/** Writes the headers of every answer that follows a decision; the older three are about the tightest budget. */
export function setRateLimitHeaders(response: ServerResponse, decision: Decision): void {
  const { limit, remaining, resetMs } = decision.standings[tightest(decision.standings)] as Standing;
  addOwnHeader(response, HEADER_RATELIMIT_POLICY, decision.limits.policy);
  addOwnHeader(response, HEADER_RATELIMIT, rateLimitHeader(decision));
  addOwnHeader(response, HEADER_LEGACY_LIMIT, String(limit));
  addOwnHeader(response, HEADER_LEGACY_REMAINING, String(remaining));
  addOwnHeader(response, HEADER_LEGACY_RESET, String(seconds(decision.nowMs + resetMs)));
}

/** What is left of a budget after a decision. */
export interface Remaining {
  readonly limit: number;
  readonly remaining: number;
  readonly resetSeconds: number;
}

/** What the decision on this request said of a budget; undefined where the request does not count in it. */
export function remainingOf(response: ServerResponse, budget: string): Remaining | undefined {
  const said = new RegExp(`"${budget}";r=(\\d+);t=(\\d+)`).exec(ownHeader(response, HEADER_RATELIMIT) ?? '');
  const policy = new RegExp(`"${budget}";q=(\\d+)`).exec(ownHeader(response, HEADER_RATELIMIT_POLICY) ?? '');
  return said && policy
    ? { limit: Number(policy[1]), remaining: Number(said[1]), resetSeconds: Number(said[2]) }
    : undefined;
}
