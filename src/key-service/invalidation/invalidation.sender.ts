import { Injectable } from '@nestjs/common';
import { readNamedToken } from '../../lib/keys/named-token.js';
import type { InvalidationRequest } from '../../contracts/keys/invalidation.js';
import { AdminAuthConfig } from '../config/admin-auth.config.js';
import { InvalidationConfig } from '../config/invalidation.config.js';

/** Tells one gateway that what it knows about some keys is out of date. */
export abstract class InvalidationSender {
  /**
   * @param keyIds 1 to `MAX_INVALIDATED_KEYS`
   * @throws where the gateway did not take all of them; the message names the status, never the token
   */
  abstract send(url: string, keyIds: readonly string[]): Promise<void>;
}

/** Requests under way at once to a gateway that takes one key at a time. */
const SINGLE_KEYS_AT_ONCE = 32;

@Injectable()
export class HttpInvalidationSender extends InvalidationSender {
  constructor(
    private readonly config: InvalidationConfig,
    private readonly adminAuth: AdminAuthConfig,
  ) {
    super();
  }

  override async send(url: string, keyIds: readonly string[]): Promise<void> {
    const [first, ...more] = keyIds;
    if (first === undefined) return;
    if (more.length === 0) return requireTaken(await this.post(url, { key_id: first }));
    const status = await this.post(url, { key_ids: [...keyIds] });
    // A gateway of before `key_ids`, during an upgrade.
    if (status === 400) await this.sendOneByOne(url, keyIds);
    else requireTaken(status);
  }

  private async sendOneByOne(url: string, keyIds: readonly string[]): Promise<void> {
    for (let start = 0; start < keyIds.length; start += SINGLE_KEYS_AT_ONCE)
      await Promise.all(
        keyIds
          .slice(start, start + SINGLE_KEYS_AT_ONCE)
          .map(async (keyId) => requireTaken(await this.post(url, { key_id: keyId }))),
      );
  }

  /** @returns the status of the answer */
  private async post(url: string, body: InvalidationRequest): Promise<number> {
    const text = this.config.gatewayAdminTokens[0] ?? this.adminAuth.adminTokens[0] ?? '';
    const { token } = readNamedToken(text);
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
      body: JSON.stringify(body),
      // A redirect would carry the token to wherever it points.
      redirect: 'error',
      signal: AbortSignal.timeout(this.config.timeoutMs),
    });
    await response.body?.cancel();
    return response.status;
  }
}

function requireTaken(status: number): void {
  if (status < 200 || status > 299) throw new Error(`the gateway answered ${status}`);
}
