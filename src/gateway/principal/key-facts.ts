import type { Grants } from '../../contracts/access/grants.js';
import { readGrants } from '../../lib/grants.js';

/** What an auth service said about a key. Facts are cached; verdicts are taken from them on every request. */
export interface KeyFacts {
  readonly keyId: string | null;
  readonly userId: string | null;
  /** The service the key is for; null where the auth service did not say. */
  readonly serviceId: string | null;
  /** All services the key is for; null is `serviceId` alone, an empty list is none. */
  readonly serviceIds: readonly string[] | null;
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
  /** Searches a minute; null is the default. */
  readonly searchesPerMinute: number | null;
  /** Writes a minute; null is the default. */
  readonly writesPerMinute: number | null;
  /** What of MLflow it may use, beside its scopes; null: the scopes alone decide. */
  readonly grants: Grants | null;
}

const IS = {
  text: (value: unknown) => typeof value === 'string',
  number: (value: unknown) => typeof value === 'number',
  texts: (value: unknown) => Array.isArray(value) && value.every((entry) => typeof entry === 'string'),
  grants: (value: unknown) => readGrants(value) !== undefined,
};

/** Every fact of `KeyFacts`: one that is missing here does not compile. */
const FACTS: Readonly<Record<keyof KeyFacts, keyof typeof IS>> = {
  keyId: 'text',
  userId: 'text',
  serviceId: 'text',
  serviceIds: 'texts',
  environment: 'text',
  scopes: 'texts',
  expiresAtMs: 'number',
  allowedIps: 'texts',
  ratePerHour: 'number',
  burst: 'number',
  searchesPerMinute: 'number',
  writesPerMinute: 'number',
  grants: 'grants',
};

/**
 * Whether a value from outside has every fact. A missing fact must not count as null, because null often means "no
 * restriction".
 */
export function isKeyFacts(value: unknown): value is KeyFacts {
  if (typeof value !== 'object' || value === null) return false;
  const facts = value as Record<string, unknown>;
  return Object.entries(FACTS).every(([name, kind]) => facts[name] === null || IS[kind](facts[name]));
}
