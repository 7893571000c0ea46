import type { AuthConfig } from '../config/auth.config.js';

/** How long an answer of the auth service may be used, in milliseconds from the start of the call. */
export interface CachePolicy {
  /** Facts are used without a call. Default 300 s. */
  readonly freshMs: number;
  /** A refusal is remembered. Default 30 s. */
  readonly negativeMs: number;
  /** After `freshMs`: facts are used while they are fetched again. Default 60 s. */
  readonly staleWhileRevalidateMs: number;
  /** After `freshMs`: facts are used if a call fails. Default 900 s. */
  readonly staleIfErrorMs: number;
}

/** Token; a test or an extension provides its own. */
export const CachePolicy = Symbol('CachePolicy');

/** The default: windows from the configuration. */
export function cachePolicy(config: AuthConfig): CachePolicy {
  return {
    freshMs: config.cacheTtlSeconds * 1000,
    negativeMs: config.cacheNegativeTtlSeconds * 1000,
    staleWhileRevalidateMs: config.cacheStaleWhileRevalidateSeconds * 1000,
    staleIfErrorMs: config.cacheStaleIfErrorSeconds * 1000,
  };
}

/** The age from which facts are not used any more. */
export function longestWindowMs(policy: CachePolicy): number {
  return policy.freshMs + Math.max(policy.staleWhileRevalidateMs, policy.staleIfErrorMs);
}
