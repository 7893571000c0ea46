import { Injectable } from '@nestjs/common';
import type { InvalidationRequest } from '../../contracts/invalidation.js';
import { AdminAuthConfig } from '../config/admin-auth.config.js';
import { InvalidationConfig } from '../config/invalidation.config.js';

/** Tells one gateway that what it knows about a key is out of date. */
export abstract class InvalidationSender {
  /** @throws where the gateway did not take it; the message names the status, never the token */
  abstract send(url: string, keyId: string): Promise<void>;
}

@Injectable()
export class HttpInvalidationSender extends InvalidationSender {
  constructor(
    private readonly config: InvalidationConfig,
    private readonly adminAuth: AdminAuthConfig,
  ) {
    super();
  }

  override async send(url: string, keyId: string): Promise<void> {
    const token = this.config.gatewayAdminTokens[0] ?? this.adminAuth.adminTokens[0] ?? '';
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
      body: JSON.stringify({ key_id: keyId } satisfies InvalidationRequest),
      // A redirect would carry the token to wherever it points.
      redirect: 'error',
      signal: AbortSignal.timeout(this.config.timeoutMs),
    });
    await response.body?.cancel();
    if (!response.ok) throw new Error(`the gateway answered ${response.status}`);
  }
}
