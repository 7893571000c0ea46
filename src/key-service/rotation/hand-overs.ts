import { Injectable } from '@nestjs/common';
import type { RotationDelivery } from '../../contracts/keys/rotation-policies.js';
import type { KeyRecord } from '../records/key-record.js';
import type { OpenRotation } from './key-rotations.repository.js';
import type { RotationPolicy } from './policies/rotation-policy.js';
import { RotationStore } from './rotation-store.js';
import { DELIVERY_TIMEOUT_MS } from './destinations/successor-destination.js';
import { SuccessorDestinations } from './destinations/successor-destinations.js';
import { SuccessorSeal } from './successor-seal.js';

/** Decrypts a successor and delivers it to the destination of its policy. */
@Injectable()
export class HandOvers {
  constructor(
    private readonly store: RotationStore,
    private readonly seal: SuccessorSeal,
    private readonly destinations: SuccessorDestinations,
  ) {}

  /** Whether there is any destination to hand over to. */
  get possible(): boolean {
    return this.destinations.configured;
  }

  /**
   * @param stopping ends the attempt early
   * @throws if it was not accepted, or the result is unknown
   */
  async deliver(rotation: OpenRotation, policy: RotationPolicy, stopping: AbortSignal): Promise<void> {
    const { id, keyId, successorId, sealed } = rotation;
    const { keys } = this.store;
    const { db } = this.store.database;
    const destination = this.destinations.of(policy.delivery as RotationDelivery);
    if (!destination.configured) throw new Error(`${destination.variable} is not set`);
    await destination.deliver({
      ...{ id, policy, oldKeyId: keyId },
      successor: (await keys.find(db, successorId)) as KeyRecord,
      apiKey: await this.seal.open(successorId, sealed),
      firstKeyId: await keys.firstOfLine(db, keyId),
      signal: AbortSignal.any([stopping, AbortSignal.timeout(DELIVERY_TIMEOUT_MS)]),
    });
  }
}
