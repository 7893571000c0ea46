import type { FieldProblem } from '../../../contracts/errors/problem.js';
import { FIRST_KEY_ID } from '../../../contracts/keys/rotation-policies.js';
import { invalidFields } from '../../request-fields/parse-fields.js';
import type { PolicySubject, PolicyTerms } from './rotation-policy.js';
import type { SuccessorDestinations } from '../destinations/successor-destinations.js';

const DAY_SECONDS = 86_400;

/** @throws ProblemError 400 for a policy that matches no key, or names one key together with other criteria */
export function requireSubject({ keyId, serviceId, environment }: PolicySubject): void {
  const others = serviceId !== null || environment !== null;
  if (keyId === null && !others)
    throw invalidFields([
      { field: 'key_id', message: 'must be given, or service_id, environment or both of them' },
    ]);
  if (keyId !== null && others)
    throw invalidFields([{ field: 'key_id', message: 'must not be given together with other subjects' }]);
}

/** @throws ProblemError 400 for a combination that is not possible, or a delivery that is not configured */
export function requireTerms(
  terms: PolicyTerms,
  subject: PolicySubject,
  destinations: SuccessorDestinations,
): void {
  const problems = [
    ...(terms.overlapSeconds >= terms.maxAgeDays * DAY_SECONDS
      ? [{ field: 'overlap_seconds', message: 'must be shorter than the longest age' }]
      : []),
    ...secretProblems(terms, subject),
    ...deliveryProblems(terms, destinations),
  ];
  if (problems.length > 0) throw invalidFields(problems);
}

function secretProblems({ delivery, secretId }: PolicyTerms, { keyId }: PolicySubject): FieldProblem[] {
  const problem = (message: string): FieldProblem[] => [{ field: 'secret_id', message }];
  if (delivery !== 'aws-secrets-manager')
    return secretId === null ? [] : problem('is only for the delivery aws-secrets-manager');
  if (secretId === null)
    return problem('must be given with the delivery aws-secrets-manager: a name or ARN of a secret');
  // Otherwise each new key would overwrite the one of another key.
  if (keyId === null && !secretId.includes(FIRST_KEY_ID))
    return problem(
      `must hold ${FIRST_KEY_ID} in a policy for several keys, so that each has a secret of its own`,
    );
  return [];
}

function deliveryProblems({ delivery }: PolicyTerms, destinations: SuccessorDestinations): FieldProblem[] {
  if (delivery === null || destinations.of(delivery).configured) return [];
  const message = `has no settings: set ${destinations.of(delivery).variable} on the key service first, or leave it out for a policy that only warns`;
  return [{ field: 'delivery', message }];
}
