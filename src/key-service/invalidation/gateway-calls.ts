import { Injectable } from '@nestjs/common';
import { ROUTE_INVALIDATE } from '../../contracts/http/routes.js';
import { readNamedToken } from '../../lib/keys/named-token.js';
import { AdminAuthConfig } from '../config/admin-auth.config.js';
import { InvalidationConfig } from '../config/invalidation.config.js';

/** The answer of a gateway, or why there is none, such as `it does not answer`. */
export type GatewayAnswer =
  { readonly fault: null; readonly status: number; readonly json: unknown } | { readonly fault: string };

/** Calls the gateways of `GATEWAY_INVALIDATE_URLS`, with the same token as for invalidations. */
@Injectable()
export class GatewayCalls {
  constructor(
    private readonly config: InvalidationConfig,
    private readonly adminAuth: AdminAuthConfig,
  ) {}

  /** The gateways' URLs of `GATEWAY_INVALIDATE_URLS`. */
  get urls(): readonly string[] {
    return this.config.urls;
  }

  /**
   * @param url one of `urls`
   * @param body is posted as JSON; without one the call is a GET
   */
  async ask(
    url: string,
    path: string,
    { timeoutMs = this.config.timeoutMs, body }: { timeoutMs?: number; body?: unknown } = {},
  ): Promise<GatewayAnswer> {
    if (!url.endsWith(ROUTE_INVALIDATE)) return { fault: `its URL does not end with ${ROUTE_INVALIDATE}` };
    const text = this.config.gatewayAdminTokens[0] ?? this.adminAuth.adminTokens[0] ?? '';
    try {
      const response = await fetch(url.slice(0, -ROUTE_INVALIDATE.length) + path, {
        method: body === undefined ? 'GET' : 'POST',
        headers: {
          authorization: `Bearer ${readNamedToken(text).token}`,
          ...(body !== undefined && { 'content-type': 'application/json' }),
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
        // A redirect would carry the token to wherever it points.
        redirect: 'error',
        signal: AbortSignal.timeout(timeoutMs),
      });
      const answer = await response.text();
      return { fault: null, status: response.status, json: parsed(answer) };
    } catch {
      return { fault: 'it does not answer' };
    }
  }
}

/** Undefined for anything but JSON, such as the error page of a load balancer. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
