/** What the key service knows of its gateways: `/api/v1/invalidations`. Times are RFC 3339 in UTC. */

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
