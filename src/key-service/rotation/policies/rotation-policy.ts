import type { Environment } from '../../../contracts/keys/key-management.js';
import type { RotationDelivery } from '../../../contracts/keys/rotation-policies.js';
import { DAY_MS } from '../../../lib/durations.js';
import type { RotationPoliciesTable } from '../../storage/database.schema.js';

/** Which keys a policy is for. */
export interface PolicySubject {
  keyId: string | null;
  serviceId: string | null;
  environment: Environment | null;
}

/** What a policy asks for. */
export interface PolicyTerms {
  maxAgeDays: number;
  overlapSeconds: number;
  /** Null: it only warns. */
  delivery: RotationDelivery | null;
  secretId: string | null;
  description: string | null;
}

/** After how long the successor of a key is made, and where it goes. Times are RFC 3339 in UTC with milliseconds. */
export interface RotationPolicy extends PolicySubject, PolicyTerms {
  id: string;
  createdAt: string;
  createdBy: string;
}

/** The most specific policy has the highest rank; it applies if several policies match a key. */
export function rankOf({ keyId, serviceId, environment }: PolicySubject): number {
  if (keyId !== null) return 4;
  return (serviceId === null ? 0 : 2) + (environment === null ? 0 : 1);
}

/** The subject as one string, which is unique among policies. */
function subjectOf({ keyId, serviceId, environment }: PolicySubject): string {
  if (keyId !== null) return keySubject(keyId);
  const parts = [serviceId !== null && `service:${serviceId}`, environment !== null && `env:${environment}`];
  return parts.filter(Boolean).join(' ');
}

export function keySubject(keyId: string): string {
  return `key:${keyId}`;
}

/**
 * Keys that were made up to this time need a successor, so that it is delivered one overlap before the maximum age.
 */
export function dueBefore({ maxAgeDays, overlapSeconds }: PolicyTerms, nowMs: number): string {
  return new Date(nowMs - maxAgeDays * DAY_MS + overlapSeconds * 1000).toISOString();
}

/** When a successor is due. @returns undefined for a key that ends by itself before it would be too old */
export function dueAt(
  { maxAgeDays, overlapSeconds }: PolicyTerms,
  { createdAt, expiresAt }: { createdAt: string; expiresAt: string | null },
): string | undefined {
  const tooOldMs = Date.parse(createdAt) + maxAgeDays * DAY_MS;
  if (expiresAt !== null && Date.parse(expiresAt) <= tooOldMs) return undefined;
  return new Date(tooOldMs - overlapSeconds * 1000).toISOString();
}

export function policyFromRow(row: RotationPoliciesTable): RotationPolicy {
  return {
    id: row.id,
    keyId: row.key_id,
    serviceId: row.service_id,
    environment: row.environment as Environment | null,
    maxAgeDays: row.max_age_days,
    overlapSeconds: row.overlap_seconds,
    delivery: row.delivery as RotationDelivery | null,
    secretId: row.secret_id,
    description: row.description,
    createdAt: row.created_at,
    createdBy: row.created_by,
  };
}

export function policyToRow(policy: RotationPolicy): RotationPoliciesTable {
  return {
    id: policy.id,
    subject: subjectOf(policy),
    rank: rankOf(policy),
    key_id: policy.keyId,
    service_id: policy.serviceId,
    environment: policy.environment,
    ...termsToRow(policy),
    created_at: policy.createdAt,
    created_by: policy.createdBy,
  };
}

export function termsToRow(
  terms: PolicyTerms,
): Pick<
  RotationPoliciesTable,
  'max_age_days' | 'overlap_seconds' | 'delivery' | 'secret_id' | 'description'
> {
  return {
    max_age_days: terms.maxAgeDays,
    overlap_seconds: terms.overlapSeconds,
    delivery: terms.delivery,
    secret_id: terms.secretId,
    description: terms.description,
  };
}
