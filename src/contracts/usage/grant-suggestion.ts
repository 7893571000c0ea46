import type { Grants } from '../access/grants.js';
import type { ResourceKind, UsedResource } from '../access/used-resources.js';

/** The smallest scopes and grants for what a key did: `GET /api/v1/keys/{id}/grant-suggestion`. */

export const DEFAULT_SUGGESTION_DAYS = 30;
export const MAX_SUGGESTION_DAYS = 366;

/** One scope or one grant, and why. */
export interface SuggestionReason {
  /** null for a grant. */
  scope: string | null;
  /** null for a scope. `value` is an id of an experiment, or a name. */
  grant: { kind: ResourceKind; by: 'id' | 'name'; value: string; level: UsedResource['level'] } | null;
  requests: number;
  /** RFC 3339. */
  last_used_at: string;
  /** One sentence for people. */
  because: string;
}

/**
 * What a suggestion does not cover: `not-recorded` requests of which no gateway said what they used; `without-grants`
 * requests that were decided by scopes alone, so that MLflow was not asked what they were about; `too-many` things for one
 * day, or for one key; `unknown-calls` of an MLflow that the gateway does not know, which `mlflow:access` alone opens.
 */
export const SUGGESTION_GAPS = ['not-recorded', 'without-grants', 'too-many', 'unknown-calls'] as const;

export interface SuggestionGap {
  gap: (typeof SUGGESTION_GAPS)[number];
  requests: number;
  /** One sentence for people. */
  because: string;
}

/** 200. */
export interface GrantSuggestionResponse {
  key_id: string;
  /** RFC 3339, the start of a day in UTC. */
  from: string;
  to: string;
  /** Of the key, and of those whose place it took by rotation. */
  requests: number;
  /** Empty where it did nothing that is known. */
  scopes: string[];
  /** null where it is not known what any request was about. */
  grants: Grants | null;
  /** One for each scope and each grant, in their order. */
  reasons: SuggestionReason[];
  gaps: SuggestionGap[];
}
