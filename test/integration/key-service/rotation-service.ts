import type { CreateKeyResponse, KeyResource } from '../../../src/contracts/keys/key-management.js';
import type {
  KeyRotatedMessage,
  RotationDeliveriesResponse,
  RotationPoliciesResponse,
  RotationPolicyResource,
} from '../../../src/contracts/keys/rotation-policies.js';
import {
  rotationTurn,
  startTestKeyService,
  type Answered,
  type TestKeyService,
} from '../../support/systems/key-service.js';
import { ManualClock } from '../../support/lib/manual-clock.js';
import type { RecordingUpstream } from '../../support/servers/recording-upstream.js';

export const DAY_MS = 86_400_000;
export const WEBHOOK_SECRET = 'a-secret-of-the-rotation-webhook';
export const SEALING_SECRET = 'a-secret-that-seals-successors-in-tests';

/** A key service with rotation policies, at times that a test sets. */
export interface RotationService extends TestKeyService {
  readonly clock: ManualClock;
  /** What the service does by itself, now. */
  turn(): Promise<void>;
  createKey(fields?: object): Promise<CreateKeyResponse>;
  createPolicy(fields: object): Promise<Answered<RotationPolicyResource>>;
  policies(): Promise<RotationPolicyResource[]>;
  deliveries(): Promise<RotationDeliveriesResponse>;
  key(id: string): Promise<KeyResource>;
  isValid(apiKey: string): Promise<boolean>;
}

/** Variables of a service that hands successors to a webhook. */
export function webhookEnv({ url }: Pick<RecordingUpstream, 'url'>): Record<string, string> {
  return {
    KEY_ROTATION_WEBHOOK_URL: `${url}/rotated`,
    KEY_ROTATION_WEBHOOK_SECRETS: WEBHOOK_SECRET,
    KEY_ROTATION_SECRETS: SEALING_SECRET,
  };
}

export async function startRotationService(
  env: Record<string, string>,
  clock = new ManualClock(),
): Promise<RotationService> {
  const service = await startTestKeyService(env, { clock });
  const get = async <T>(path: string): Promise<T> => (await service.call<T>('GET', path)).body;
  const turn = (): Promise<void> => rotationTurn(service);
  await turn();
  return {
    ...service,
    clock,
    turn,
    createKey: async (fields = {}) =>
      (
        await service.call<CreateKeyResponse>('POST', '/keys', {
          ...{ name: 'job', service_id: 'ml-platform' },
          ...fields,
        })
      ).body,
    createPolicy: (fields) => service.call<RotationPolicyResource>('POST', '/rotation-policies', fields),
    policies: async () => (await get<RotationPoliciesResponse>('/rotation-policies')).policies,
    deliveries: () => get<RotationDeliveriesResponse>('/rotation-deliveries'),
    key: (id) => get<KeyResource>(`/keys/${id}`),
    isValid: async (apiKey) =>
      (await service.call('POST', '/keys/validate', { api_key: apiKey }, {})).status === 200,
  };
}

/** What a receiver was posted, oldest first. */
export function messagesOf(receiver: RecordingUpstream): (KeyRotatedMessage & { id: string })[] {
  return receiver.requests.map(({ headers, body }) => ({
    ...(JSON.parse(body.toString()) as KeyRotatedMessage),
    id: String(headers['webhook-id']),
  }));
}
