import { Injectable } from '@nestjs/common';
import { Clock } from '../../platform/clock.js';
import { KeyNotices } from '../notices/key-notices.js';
import { RotationMaker } from './rotation-maker.js';
import type { RotationPolicy } from './policies/rotation-policy.js';
import { RotationStore } from './rotation-store.js';
import { SuccessorDestinations } from './destinations/successor-destinations.js';

/** Keys of one policy in one look: a new policy for many old keys does not rotate them all in the same minute. */
const BATCH = 50;

/** Does what a policy asks for with the keys that are due. */
@Injectable()
export class DueKeys {
  constructor(
    private readonly store: RotationStore,
    private readonly destinations: SuccessorDestinations,
    private readonly maker: RotationMaker,
    private readonly notices: KeyNotices,
    private readonly clock: Clock,
  ) {}

  /** Makes successors, or warns if the policy has no destination. */
  async handle(policy: RotationPolicy): Promise<void> {
    const handsOver = this.destinations.handsOver(policy);
    const options = { limit: BATCH, unwarned: !handsOver };
    for (const key of await this.store.policies.due(policy, this.clock.now(), options)) {
      if (handsOver) await this.maker.make(policy.id, key.id);
      else await this.notices.rotationDue(key, policy);
    }
  }
}
