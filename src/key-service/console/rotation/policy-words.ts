import type { RotationPolicyResource } from '../../../contracts/keys/rotation-policies.js';
import { counted } from '../parts/numbers.js';

/** Which keys a policy is for, such as `keys of batch in production`. */
export function subjectWords({ key_id, service_id, environment }: RotationPolicyResource): string {
  if (key_id !== null) return 'one key';
  const of = service_id === null ? '' : ` of ${service_id}`;
  return `keys${of}${environment === null ? '' : ` in ${environment}`}`;
}

/** Where new keys go. */
export function deliveryWords({ delivery, secret_id, warns_only }: RotationPolicyResource): string {
  if (delivery === null) return 'only warns';
  const to = delivery === 'webhook' ? 'to the webhook' : `to the secret ${secret_id}`;
  return warns_only ? `only warns: the key service has no settings to hand keys ${to}` : to;
}

/** A length in seconds, such as `2 days` or `90 min`. */
export function lengthWords(seconds: number): string {
  if (seconds % 86_400 === 0) return counted(seconds / 86_400, 'day');
  if (seconds % 3600 === 0) return counted(seconds / 3600, 'hour');
  return seconds % 60 === 0 ? `${seconds / 60} min` : `${seconds} s`;
}
