/**
 * How a gateway learns that what it knows about a key is out of date: `POST /internal/keys/invalidate`
 * on one replica, then Redis publish/subscribe to all.
 */

/** Body of the request; exactly one of the two. */
export interface InvalidationRequest {
  key_id?: string;
  api_key?: string;
}

/** 202 of the request. */
export interface InvalidationResponse {
  /** Time of the tombstone, RFC 3339: facts fetched before it are unusable. */
  invalidated_at: string;
}

/** Redis channel on which gateways tell each other. */
export const INVALIDATION_CHANNEL = 'mlflow-gateway:invalidate';
