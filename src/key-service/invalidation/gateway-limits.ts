import { Injectable } from '@nestjs/common';
import type {
  GatewayLimits,
  GatewayLimitsResponse,
  KeyLimitsResponse,
} from '../../contracts/admin/gateway-state.js';
import { ROUTE_KEY_LIMITS } from '../../contracts/http/routes.js';
import { isObject } from '../../lib/json/json-object.js';
import { GatewayCalls } from './gateway-calls.js';

/** Asks the gateways of `GATEWAY_INVALIDATE_URLS` how much of its limits a key has left. */
@Injectable()
export class GatewayLimitsReader {
  constructor(private readonly gateways: GatewayCalls) {}

  async read(keyId: string): Promise<GatewayLimitsResponse> {
    return {
      key_id: keyId,
      gateways: await Promise.all(this.gateways.urls.map((url) => this.ask(url, keyId))),
    };
  }

  private async ask(url: string, keyId: string): Promise<GatewayLimits> {
    const nothing = { gateway: new URL(url).host, known: false, store: 'local' as const, limits: [] };
    const path = `${ROUTE_KEY_LIMITS}?key_id=${encodeURIComponent(keyId)}`;
    const answer = await this.gateways.ask(url, path);
    if (answer.fault !== null) return { ...nothing, fault: answer.fault };
    if (answer.status !== 200) return { ...nothing, fault: `it answered ${answer.status}` };
    if (!isObject(answer.json)) return { ...nothing, fault: 'its answer is no JSON' };
    const { known, store, limits } = answer.json as unknown as KeyLimitsResponse;
    return { gateway: nothing.gateway, known, store, limits, fault: null };
  }
}
