import { Injectable } from '@nestjs/common';
import type { KeyRotatedMessage } from '../../../contracts/keys/rotation-policies.js';
import { Clock } from '../../../platform/clock.js';
import { RotationConfig } from '../../config/rotation.config.js';
import { postSigned } from '../../notices/signed-post.js';
import type { HandOver, SuccessorDestination } from './successor-destination.js';

/**
 * Posts a successor to a webhook, signed. The message id is the id of the delivery, so that a receiver recognizes a
 * repetition.
 */
@Injectable()
export class WebhookDestination implements SuccessorDestination {
  readonly variable = 'KEY_ROTATION_WEBHOOK_URL';

  constructor(
    private readonly config: RotationConfig,
    private readonly clock: Clock,
  ) {}

  get configured(): boolean {
    return this.config.webhookUrl !== undefined;
  }

  deliver(handOver: HandOver): Promise<void> {
    const { webhookUrl, webhookSecrets: secrets } = this.config;
    const message = {
      id: handOver.id,
      body: JSON.stringify(messageOf(handOver)),
      sentAtMs: this.clock.now(),
    };
    return postSigned(message, { url: webhookUrl as string, secrets, signal: handOver.signal });
  }
}

function messageOf({ policy, successor, apiKey, oldKeyId, firstKeyId }: HandOver): KeyRotatedMessage {
  return {
    type: 'key.rotated',
    timestamp: successor.createdAt,
    data: {
      policy_id: policy.id,
      key_id: successor.id,
      api_key: apiKey,
      old_key_id: oldKeyId,
      first_key_id: firstKeyId,
      name: successor.name,
      user_id: successor.userId,
      service_id: successor.serviceId,
      environment: successor.environment,
      expires_at: successor.expiresAt,
      overlap_seconds: policy.overlapSeconds,
    },
  };
}
