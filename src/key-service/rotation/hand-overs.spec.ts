import { HandOvers } from './hand-overs.js';
import type { OpenRotation } from './key-rotations.repository.js';
import type { RotationPolicy } from './policies/rotation-policy.js';
import type { RotationStore } from './rotation-store.js';
import type { HandOver } from './destinations/successor-destination.js';
import { SuccessorDestinations } from './destinations/successor-destinations.js';
import type { SecretsManagerDestination } from './destinations/secrets-manager.destination.js';
import type { WebhookDestination } from './destinations/webhook.destination.js';
import type { SuccessorSeal } from './successor-seal.js';

const ROTATION = { id: 'r', keyId: 'old', successorId: 'new', sealed: 'sealed' } as OpenRotation;

/** @param webhook whether its settings are there; Secrets Manager is configured */
function handOvers(webhook: boolean): { handOvers: HandOvers; delivered: HandOver[] } {
  const delivered: HandOver[] = [];
  const deliver = async (handOver: HandOver): Promise<void> => void delivered.push(handOver);
  const destinations = new SuccessorDestinations(
    { configured: webhook, variable: 'KEY_ROTATION_WEBHOOK_URL', deliver } as unknown as WebhookDestination,
    {
      configured: true,
      variable: 'KEY_ROTATION_AWS_REGION',
      deliver,
    } as unknown as SecretsManagerDestination,
  );
  const keys = { find: async () => ({ id: 'new' }), firstOfLine: async () => 'first' };
  const store = { keys, database: { db: {} } } as unknown as RotationStore;
  const seal = { open: async () => 'the key' } as unknown as SuccessorSeal;
  return { handOvers: new HandOvers(store, seal, destinations), delivered };
}

const deliver = (to: HandOvers, delivery: RotationPolicy['delivery']): Promise<void> =>
  to.deliver(ROTATION, { delivery } as RotationPolicy, AbortSignal.abort());

it('a successor goes to the destination of its policy', async () => {
  const { handOvers: to, delivered } = handOvers(true);
  await deliver(to, 'webhook');
  expect(delivered).toMatchObject([{ id: 'r', oldKeyId: 'old', firstKeyId: 'first', apiKey: 'the key' }]);
});

it('a destination whose settings were taken away since gets nothing, and its variable is named', async () => {
  const { handOvers: to, delivered } = handOvers(false);
  await expect(deliver(to, 'webhook')).rejects.toThrow('KEY_ROTATION_WEBHOOK_URL is not set');
  expect(delivered).toEqual([]);
});
