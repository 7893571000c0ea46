/** Automatic rotation of keys: `/api/v1/rotation-policies`. Times are RFC 3339 in UTC with milliseconds. */

import type { Environment } from './key-management.js';

/** Where a successor may be handed to. */
export const ROTATION_DELIVERIES = ['webhook', 'aws-secrets-manager'] as const;
export type RotationDelivery = (typeof ROTATION_DELIVERIES)[number];

/** Policies at most. */
export const MAX_ROTATION_POLICIES = 200;
export const MAX_POLICY_AGE_DAYS = 3650;
/** Stands in the name of a secret for the id of the first key of a line: the same after every rotation. */
export const FIRST_KEY_ID = '{first_key_id}';

/** Which keys: one key, or those of a service, an environment, or both. The narrowest policy decides. */
export interface RotationPolicyResource {
  policy_id: string;
  /** After each rotation the key that took its place. */
  key_id: string | null;
  /** Keys with this `service_id`. */
  service_id: string | null;
  environment: Environment | null;
  /** Longest age of a key. Its successor is made `overlap_seconds` before. */
  max_age_days: number;
  /** How long the old key stays valid after its successor was handed over. */
  overlap_seconds: number;
  /** Where successors are handed to; null: the policy only warns. */
  delivery: RotationDelivery | null;
  /** Name or ARN of the secret, with `aws-secrets-manager`. */
  secret_id: string | null;
  /** For people. */
  description: string | null;
  created_at: string;
  created_by: string;
  /** Whether it only warns: without a delivery, or where the key service has no settings for it. */
  warns_only: boolean;
  /** Usable keys that it decides on. */
  active_keys: number;
  /** Of them, those whose successor is due and not handed over. */
  due_keys: number;
  /** When the next successor is due, in the past where one is due now; null without a key that would be rotated. */
  next_rotation_at: string | null;
  /** When a successor was last handed over; null without any. */
  last_delivered_at: string | null;
}

/** 200 of `GET /rotation-policies`. */
export interface RotationPoliciesResponse {
  policies: RotationPolicyResource[];
}

/** Body of `POST /rotation-policies`: `key_id`, or `service_id`, `environment` or both. */
export interface CreateRotationPolicyRequest {
  key_id?: string;
  service_id?: string;
  environment?: Environment;
  max_age_days: number;
  /** Default a day, at most 30 days, and shorter than the longest age. */
  overlap_seconds?: number;
  delivery?: RotationDelivery | null;
  secret_id?: string | null;
  description?: string | null;
}

/** Body of `PATCH /rotation-policies/{policy_id}`: what is not there stays as it is. */
export interface UpdateRotationPolicyRequest {
  max_age_days?: number;
  overlap_seconds?: number;
  /** Null: it only warns from now on. One without secrets takes `secret_id` away. */
  delivery?: RotationDelivery | null;
  secret_id?: string | null;
  description?: string | null;
}

/** A successor that was made and has not been handed over. */
export interface RotationDeliveryResource {
  /** `webhook-id` of its message, and `ClientRequestToken` of its secret: the same for every attempt. */
  delivery_id: string;
  policy_id: string;
  /** The key that it is to replace, which stays valid. */
  key_id: string;
  new_key_id: string;
  created_at: string;
  /** Attempts that were begun so far. */
  attempts: number;
  /** Why the last one failed. */
  last_error: string | null;
  next_attempt_at: string;
}

/** 200 of `GET /rotation-deliveries`: those that wait longest, at most `MAX_LISTED_DELIVERIES`. */
export interface RotationDeliveriesResponse {
  deliveries: RotationDeliveryResource[];
  /** All that wait. */
  total: number;
}

export const MAX_LISTED_DELIVERIES = 200;

/** What the webhook is posted: a new key, for whoever keeps it. */
export interface KeyRotatedMessage {
  type: 'key.rotated';
  /** When the key was made. */
  timestamp: string;
  data: {
    policy_id: string;
    key_id: string;
    /** The key itself. */
    api_key: string;
    /** The key that it replaces. */
    old_key_id: string;
    /** The first key of the line: the same after every rotation. */
    first_key_id: string;
    name: string;
    user_id: string | null;
    service_id: string;
    environment: string;
    expires_at: string | null;
    /** How long the old key stays valid after this was taken. */
    overlap_seconds: number;
  };
}
