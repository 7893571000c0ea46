import { DEFAULT_OVERLAP_SECONDS } from '../../../contracts/keys/key-management.js';
import type { RotationPolicyResource } from '../../../contracts/keys/rotation-policies.js';
import { parseFields } from '../../request-fields/parse-fields.js';
import {
  CreateRotationPolicyFields,
  UpdateRotationPolicyFields,
} from '../../rotation/policies/rotation-policies.fields.js';
import { given } from '../sign-in/console-requests.js';

/** What a form for a new policy begins with. */
export function valuesOfNewPolicy(): URLSearchParams {
  return new URLSearchParams({ max_age_days: '90', overlap_seconds: String(DEFAULT_OVERLAP_SECONDS) });
}

/** A policy as the fields of its form. */
export function valuesOfPolicy(policy: RotationPolicyResource): URLSearchParams {
  return new URLSearchParams({
    max_age_days: String(policy.max_age_days),
    overlap_seconds: String(policy.overlap_seconds),
    delivery: policy.delivery ?? '',
    secret_id: policy.secret_id ?? '',
    description: policy.description ?? '',
  });
}

/** @throws ProblemError 400 `invalid-fields` */
export function fieldsOfNewPolicy(form: URLSearchParams): CreateRotationPolicyFields {
  const { key_id, service_id, environment } = given(form);
  return parseFields({ key_id, service_id, environment, ...terms(form) }, CreateRotationPolicyFields);
}

/** @throws ProblemError 400 `invalid-fields` */
export function fieldsOfPolicyEdit(form: URLSearchParams): UpdateRotationPolicyFields {
  return parseFields(terms(form), UpdateRotationPolicyFields);
}

function terms(form: URLSearchParams) {
  const { max_age_days, overlap_seconds, delivery, secret_id, description } = given(form);
  return {
    max_age_days: Number(max_age_days ?? Number.NaN),
    overlap_seconds: Number(overlap_seconds ?? Number.NaN),
    delivery: delivery ?? null,
    secret_id: secret_id ?? null,
    description: description ?? null,
  };
}
