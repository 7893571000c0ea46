import type { CreateRotationPolicyFields, UpdateRotationPolicyFields } from './rotation-policies.fields.js';
import type { PolicySubject, PolicyTerms } from './rotation-policy.js';

/** The policy that somebody wants to have. */
export function policyOf(fields: CreateRotationPolicyFields): PolicySubject & PolicyTerms {
  return {
    keyId: fields.key_id?.toLowerCase() ?? null,
    serviceId: fields.service_id ?? null,
    environment: fields.environment ?? null,
    maxAgeDays: fields.max_age_days,
    overlapSeconds: fields.overlap_seconds,
    delivery: fields.delivery ?? null,
    secretId: fields.secret_id ?? null,
    description: fields.description ?? null,
  };
}

/** What an edit changes; what it leaves out stays as it is. */
export function changesOf(fields: UpdateRotationPolicyFields): Partial<PolicyTerms> {
  return {
    ...(fields.max_age_days !== undefined && { maxAgeDays: fields.max_age_days }),
    ...(fields.overlap_seconds !== undefined && { overlapSeconds: fields.overlap_seconds }),
    ...(fields.delivery !== undefined && { delivery: fields.delivery }),
    ...(fields.secret_id !== undefined && { secretId: fields.secret_id }),
    ...(fields.description !== undefined && { description: fields.description }),
  };
}
