import { Injectable } from '@nestjs/common';
import type { RotationDelivery } from '../../../contracts/keys/rotation-policies.js';
import { SecretsManagerDestination } from './secrets-manager.destination.js';
import type { SuccessorDestination } from './successor-destination.js';
import { WebhookDestination } from './webhook.destination.js';

/** Where successors may be handed to, by the name that policies have for it. */
@Injectable()
export class SuccessorDestinations {
  private readonly byName: Readonly<Record<RotationDelivery, SuccessorDestination>>;

  constructor(webhook: WebhookDestination, secretsManager: SecretsManagerDestination) {
    this.byName = { webhook, 'aws-secrets-manager': secretsManager };
  }

  of(delivery: RotationDelivery): SuccessorDestination {
    return this.byName[delivery];
  }

  /** Whether this key service has the settings for any. */
  get configured(): boolean {
    return Object.values(this.byName).some((one) => one.configured);
  }

  /** Whether a policy makes successors, or only warns. */
  handsOver({ delivery }: { delivery: RotationDelivery | null }): boolean {
    return delivery !== null && this.byName[delivery].configured;
  }
}
