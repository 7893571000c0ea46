import type { ServerResponse } from 'node:http';
import {
  HEADER_LEGACY_LIMIT,
  HEADER_LEGACY_REMAINING,
  HEADER_LEGACY_RESET,
  HEADER_RATELIMIT,
  HEADER_RATELIMIT_POLICY,
} from '../../contracts/headers.js';
import { addOwnHeader } from '../../platform/http/own-headers.js';
import { tighter, type Decision } from './decision.js';

/** Whole seconds, rounded up: who waits that long is not early. */
function seconds(ms: number): number {
  return Math.ceil(ms / 1000);
}

/** `RateLimit-Policy` of draft-ietf-httpapi-ratelimit-headers-11, section 3: quota and window in seconds. */
export function policyHeader(perHour: number, burst: number, burstWindowSeconds: number): string {
  return `"hour";q=${perHour};w=3600, "burst";q=${burst};w=${burstWindowSeconds}`;
}

/** `RateLimit`, section 4: what remains, and the seconds until it grows. */
export function rateLimitHeader({ hour, burst }: Decision): string {
  return (
    `"hour";r=${hour.remaining};t=${seconds(hour.resetMs)}, ` +
    `"burst";r=${burst.remaining};t=${seconds(burst.resetMs)}`
  );
}

/** Writes the headers of every answer that follows a decision. */
export class RateLimitHeaders {
  private policy = '';
  private policyHour = -1;
  private policyBurst = -1;

  constructor(private readonly burstWindowSeconds: number) {}

  set(response: ServerResponse, decision: Decision): void {
    const { limit, remaining, resetMs } = tighter(decision);
    addOwnHeader(response, HEADER_RATELIMIT_POLICY, this.policyOf(decision));
    addOwnHeader(response, HEADER_RATELIMIT, rateLimitHeader(decision));
    addOwnHeader(response, HEADER_LEGACY_LIMIT, String(limit));
    addOwnHeader(response, HEADER_LEGACY_REMAINING, String(remaining));
    addOwnHeader(response, HEADER_LEGACY_RESET, String(seconds(decision.nowMs + resetMs)));
  }

  /** Most keys have the same limits, so the last text is kept. */
  private policyOf({ hour, burst }: Decision): string {
    if (hour.limit !== this.policyHour || burst.limit !== this.policyBurst) {
      this.policyHour = hour.limit;
      this.policyBurst = burst.limit;
      this.policy = policyHeader(hour.limit, burst.limit, this.burstWindowSeconds);
    }
    return this.policy;
  }
}
