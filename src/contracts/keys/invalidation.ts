/**
 * How a gateway learns that what it knows about a key is out of date: `POST /internal/keys/invalidate`
 * on one replica, then Redis publish/subscribe to all.
 */

/** Body of the request; exactly one of the three. */
export interface InvalidationRequest {
  key_id?: string;
  /** 1 to `MAX_INVALIDATED_KEYS` ids. Gateways of before this member answer 400: send them one id at a time. */
  key_ids?: string[];
  api_key?: string;
}

/** Ids of one message: with UUIDs it stays within the 16 KiB that a gateway reads. */
export const MAX_INVALIDATED_KEYS = 256;

/** 202 of the request. */
export interface InvalidationResponse {
  /** Time of the tombstone, RFC 3339: facts fetched before it are unusable. */
  invalidated_at: string;
}

/** Redis channel on which gateways tell each other. */
export const INVALIDATION_CHANNEL = 'mlflow-gateway:invalidate';
