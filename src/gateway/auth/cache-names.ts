import { createHmac } from 'node:crypto';

/** Stands in for an unset `CACHE_HMAC_SECRET`: the same everywhere, so that replicas agree on names. */
const PUBLIC_LABEL = 'mlflow-gateway:key-digest:v1';

/** What a key is called where it must not stand itself: in caches, limits, messages. */
export class CacheNames {
  private readonly secret: string;
  private readonly service: string;

  /**
   * @param secret the same on all replicas; undefined makes the names a plain digest
   * @param serviceId what keys are validated for: a verdict depends on it, so it is part of every name
   */
  constructor(secret: string | undefined, serviceId: string) {
    this.secret = secret ?? PUBLIC_LABEL;
    this.service = encodeURIComponent(serviceId);
  }

  /** HMAC-SHA-256 of a key, base64url, 43 characters. */
  digest(key: string): string {
    return createHmac('sha256', this.secret).update(key).digest('base64url');
  }

  /** Of facts that hold for every address. */
  anyAddress(digest: string): string {
    return `key:validation:${digest}:${this.service}`;
  }

  /** Of what was said for one address alone. No part before the address can hold a colon. */
  oneAddress(digest: string, clientIp: string): string {
    return `key:validation:${digest}:${this.service}:${clientIp}`;
  }
}
