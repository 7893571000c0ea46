import { LRUCache } from 'lru-cache';
import { atMost } from '../../../lib/at-most.js';
import type { CredentialSource, Principal } from '../../principal/principal.js';
import type { EntryValidity } from './entry-validity.js';
import type { KeyEntry } from './key-entry.js';

/** A key that was valid when it was last looked up. */
export class KnownKey {
  /** Generation of the tombstones that this was last compared with. */
  generation = -1;
  cache: 'fresh' | 'stale' = 'fresh';
  private last: Principal | undefined = undefined;

  constructor(
    readonly digest: string,
    readonly entry: KeyEntry,
  ) {}

  /** What limits count by. */
  get subject(): string {
    return `key:${this.digest}`;
  }

  /** The same object as long as the key is in the same place of the request. */
  principal(source: CredentialSource): Principal {
    if (this.last?.source !== source) this.last = { facts: this.entry.facts, subject: this.subject, source };
    return this.last;
  }
}

/**
 * The first level of the memory tier: valid keys under the string that the client sends, so that the usual request
 * needs no digest and does not wait. Bounded, and never outside this process's memory.
 *
 * Hot path: docs/decisions/0021-nothing-waits-or-is-done-twice.md.
 */
export class KnownKeys {
  private readonly keys: LRUCache<string, KnownKey>;

  constructor(
    private readonly validity: EntryValidity,
    limit: number,
  ) {
    this.keys = new LRUCache(atMost(limit));
  }

  get size(): number {
    return this.keys.size;
  }

  /** What is known of a key and may be used; its `cache` says whether it should be fetched again. */
  find(key: string, clientIp: string): KnownKey | undefined {
    const known = this.keys.get(key) ?? this.keys.get(boundName(key, clientIp));
    if (!known) return undefined;
    const { tombstones } = this.validity;
    if (known.generation !== tombstones.generation) {
      const { entry, digest } = known;
      if (!tombstones.allows(entry.mark, digest, entry.facts.keyId)) return this.drop(key, clientIp);
      known.generation = tombstones.generation;
    }
    const freshness = this.validity.freshnessOf(known.entry);
    if (freshness === 'fresh') known.cache = 'fresh';
    else if (freshness === 'revalidate') known.cache = 'stale';
    else return this.drop(key, clientIp);
    return known;
  }

  /** A key by the id that its auth service gave it, where this process has served it lately. */
  byId(keyId: string): KnownKey | undefined {
    for (const known of this.keys.values()) if (known.entry.facts.keyId === keyId) return known;
    return undefined;
  }

  set(key: string, clientIp: string, digest: string, entry: KeyEntry): KnownKey {
    const known = new KnownKey(digest, entry);
    this.drop(key, clientIp);
    this.keys.set(entry.addressBound ? boundName(key, clientIp) : key, known);
    return known;
  }

  drop(key: string, clientIp: string): undefined {
    this.keys.delete(key);
    this.keys.delete(boundName(key, clientIp));
  }
}

/** No key holds a line break. */
function boundName(key: string, clientIp: string): string {
  return `${key}\n${clientIp}`;
}
