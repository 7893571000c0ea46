import type { ScopeLevel } from './scopes.js';

/** What requests used, in usage between gateway and key service: what they were decided by, as grants have it. */

export const RESOURCE_KINDS = ['experiment', 'model', 'prompt', 'endpoint', 'workspace'] as const;
export type ResourceKind = (typeof RESOURCE_KINDS)[number];

/** One thing that a request was decided by, and what it did to it. */
export interface UsedResource {
  readonly kind: ResourceKind;
  /** Of an experiment; missing where one was made, or asked for, that had none yet. */
  readonly id?: string;
  /** Missing for an experiment whose name nobody asked for. */
  readonly name?: string;
  readonly level: ScopeLevel | 'invoke';
}

/** Things of one request. */
export interface UsedResources {
  /** At most `MAX_RESOURCES_A_RECORD`, each once, at the highest level. */
  readonly resources: readonly UsedResource[];
  /** How many more there were. */
  readonly more: number;
}

export const MAX_RESOURCES_A_RECORD = 16;

/** What a request needed besides the names of scopes: any scope for MLflow, one that no release knows, or nothing. */
export const NEEDED_ANY = 'any';
export const NEEDED_UNKNOWN = 'unknown';
export const NEEDED_NONE = 'none';

/** Characters of what a request needed. */
export const MAX_NEEDED_SCOPE = 100;
