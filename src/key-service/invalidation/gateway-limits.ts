import { Injectable } from '@nestjs/common';
import type {
  GatewayLimits,
  GatewayLimitsResponse,
  KeyLimitsResponse,
} from '../../contracts/gateway-state.js';
import { ROUTE_INVALIDATE, ROUTE_KEY_LIMITS } from '../../contracts/routes.js';
import { readNamedToken } from '../../lib/named-token.js';
import { AdminAuthConfig } from '../config/admin-auth.config.js';
import { InvalidationConfig } from '../config/invalidation.config.js';

/** Asks the gateways that are told of changes how much of its limits a key has left. */
@Injectable()
export class GatewayLimitsReader {
  constructor(
    private readonly config: InvalidationConfig,
    private readonly adminAuth: AdminAuthConfig,
  ) {}

  async read(keyId: string): Promise<GatewayLimitsResponse> {
    return {
      key_id: keyId,
      gateways: await Promise.all(this.config.urls.map((url) => this.ask(url, keyId))),
    };
  }

  private async ask(url: string, keyId: string): Promise<GatewayLimits> {
    const nothing = { gateway: new URL(url).host, known: false, store: 'local' as const, limits: [] };
    if (!url.endsWith(ROUTE_INVALIDATE))
      return { ...nothing, fault: `its URL does not end with ${ROUTE_INVALIDATE}` };
    const text = this.config.gatewayAdminTokens[0] ?? this.adminAuth.adminTokens[0] ?? '';
    try {
      const path = `${ROUTE_KEY_LIMITS}?key_id=${encodeURIComponent(keyId)}`;
      const response = await fetch(url.slice(0, -ROUTE_INVALIDATE.length) + path, {
        headers: { authorization: `Bearer ${readNamedToken(text).token}` },
        // A redirect would carry the token to wherever it points.
        redirect: 'error',
        signal: AbortSignal.timeout(this.config.timeoutMs),
      });
      if (response.status !== 200) {
        await response.body?.cancel();
        return { ...nothing, fault: `it answered ${response.status}` };
      }
      const { known, store, limits } = (await response.json()) as KeyLimitsResponse;
      return { gateway: nothing.gateway, known, store, limits, fault: null };
    } catch {
      return { ...nothing, fault: 'it does not answer' };
    }
  }
}
