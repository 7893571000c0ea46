import type { ScopeLevel } from './scopes.js';

/**
 * What of MLflow a key may use, beside its scopes: a request needs the scope and the grant. Absent, the scopes alone
 * decide; a kind that is missing inside is nothing of that kind. Every member is known and checked: an answer with any
 * other makes the key malformed, never open.
 */
export interface Grants {
  readonly experiments?: readonly ExperimentGrant[];
  readonly models?: readonly NamedGrant<ScopeLevel>[];
  readonly prompts?: readonly NamedGrant<ScopeLevel>[];
  /** Of MLflow's AI gateway. */
  readonly endpoints?: readonly NamedGrant<'invoke'>[];
  /** Names, without patterns. */
  readonly workspaces?: readonly string[];
}

/** One experiment by its id, for good, or all whose present names fit. */
export type ExperimentGrant =
  { readonly id: string; readonly level: ScopeLevel } | { readonly name: string; readonly level: ScopeLevel };

/** `*` stands for any characters, none and slashes too; upper and lower case differ. */
export interface NamedGrant<Level> {
  readonly name: string;
  readonly level: Level;
}

/** Entries of all kinds together. */
export const MAX_GRANTS = 256;
/** Bytes of all of them as JSON in UTF-8: every answer about a key carries them, and so does Redis. */
export const MAX_GRANTS_BYTES = 32 * 1024;
/** Characters of a name or an id. */
export const MAX_GRANT_NAME = 256;
