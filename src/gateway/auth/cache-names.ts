import { createHash, createHmac } from 'node:crypto';

/** Used if `CACHE_HMAC_SECRET` is not set: a cache in one process needs no secret. */
const PUBLIC_LABEL = 'mlflow-gateway:key-digest:v1';
/** Label for the part of a digest before the dot, which does not depend on the secret. */
const SLOT_LABEL = 'mlflow-gateway:slot:v1';

/** Names that replace a key where the key itself must not appear: in caches, limits and messages. */
export class CacheNames {
  private readonly secret: string;
  private readonly formerSecrets: readonly string[];
  private readonly service: string;

  /**
   * @param secrets the same on all replicas. The first one is used for names; other replicas may still, or already,
   *   use the others. Without any, the names are plain digests
   * @param serviceId what keys are validated for: a verdict depends on it, so it is part of every name
   */
  constructor(secrets: readonly string[], serviceId: string) {
    [this.secret = PUBLIC_LABEL, ...this.formerSecrets] = secrets;
    this.service = encodeURIComponent(serviceId);
  }

  /**
   * HMAC-SHA-256 of a key, base64url, 43 characters, behind two hexadecimal ones and a dot. These are the same under
   * every secret, so that all digests of a key may lie on one node of a Redis Cluster; they tell 8 bits of a hash.
   */
  digest(key: string): string {
    return digestOf(this.secret, key);
  }

  /** The digests of a key under the secrets after the first one. */
  otherDigests(key: string): string[] {
    return this.formerSecrets.map((secret) => digestOf(secret, key));
  }

  /** Name of facts that are valid for every address. */
  anyAddress(digest: string): string {
    return `key:validation:${digest}:${this.service}`;
  }

  /** Name for what was said about a key for one address only. No part before the address can hold a colon. */
  oneAddress(digest: string, clientIp: string): string {
    return `key:validation:${digest}:${this.service}:${clientIp}`;
  }
}

function digestOf(secret: string, key: string): string {
  const slot = createHash('sha256').update(SLOT_LABEL).update(key).digest('hex').slice(0, 2);
  return `${slot}.${createHmac('sha256', secret).update(key).digest('base64url')}`;
}
