import type { KeyLimit } from '../keys/access-explain.js';

/** What the key service knows of its gateways: `/api/v1/invalidations` and `/api/v1/keys/{id}/limits`. Times are RFC 3339 in UTC. */

/** Messages that one gateway has not taken yet. */
export interface PendingInvalidations {
  /** Host and port of the gateway. */
  gateway: string;
  pending: number;
  /** Of them, keys that have ended. */
  revocations: number;
  /** When the oldest of the changes was made; null without any. */
  oldest_at: string | null;
  /** Sends that were begun of the one that was tried most often. */
  attempts: number;
}

/** 200 of `GET /invalidations`: an entry for each of `GATEWAY_INVALIDATE_URLS`. */
export interface InvalidationsResponse {
  gateways: PendingInvalidations[];
}

/** 200 of `GET /internal/keys/limits?key_id=` on a gateway. */
export interface KeyLimitsResponse {
  key_id: string;
  /** Whether the replica that answers has served the key lately; without, it knows no limits of it. */
  known: boolean;
  /** `redis`: counted by all replicas together; `local`: by the one that answers. */
  store: 'redis' | 'local';
  limits: KeyLimit[];
}

/** 200 of `GET /keys/{id}/limits`: an entry for each of `GATEWAY_INVALIDATE_URLS`. */
export interface GatewayLimitsResponse {
  key_id: string;
  gateways: GatewayLimits[];
}

export interface GatewayLimits extends Omit<KeyLimitsResponse, 'key_id'> {
  /** Host and port of the gateway. */
  gateway: string;
  /** Why there is nothing to tell; null where there is. */
  fault: string | null;
}
