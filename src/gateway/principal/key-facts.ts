/** What an auth service said about a key. Facts are cached; verdicts are taken from them on every request. */
export interface KeyFacts {
  readonly keyId: string | null;
  readonly userId: string | null;
  /** The service the key is for; null where the auth service did not say. */
  readonly serviceId: string | null;
  readonly environment: string | null;
  /** null where the auth service did not say. */
  readonly scopes: readonly string[] | null;
  /** Unix time in milliseconds; null never expires. */
  readonly expiresAtMs: number | null;
  /** Addresses and CIDR blocks; null is any address, an empty list is none. */
  readonly allowedIps: readonly string[] | null;
  /** Requests an hour; null is the default. */
  readonly ratePerHour: number | null;
  /** Requests in the burst window; null is the default. */
  readonly burst: number | null;
}
