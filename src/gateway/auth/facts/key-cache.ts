import { Injectable } from '@nestjs/common';
import { Clock } from '../../../platform/clock.js';
import type { Mark } from '../invalidation/tombstones.js';
import type { Validation } from '../auth-service/auth-service.reply.js';
import { CacheNames } from '../cache-names.js';
import { EntryValidity } from './entry-validity.js';
import type { KeyEntry } from './key-entry.js';
import { MemoryFacts } from './memory-facts.js';
import { SharedFacts } from './shared-facts.js';

/** The cache names of a key, and of a key with an address. */
export interface CacheSubject {
  readonly digest: string;
  readonly anyName: string;
  readonly oneName: string;
  /** The same two names with the secrets that other replicas may still, or already, use. */
  readonly otherNames: readonly string[];
}

/** What the caches have about a key. */
export type CacheFinding =
  | { readonly kind: 'entry'; readonly entry: KeyEntry; readonly cache: 'fresh' | 'stale' | 'shared' }
  | { readonly kind: 'refused' }
  | {
      readonly kind: 'unknown';
      /** May be used if the call fails. */
      readonly stale: KeyEntry | undefined;
      /** The key was valid once; it may not be now. */
      readonly knownOnce: boolean;
      readonly redisUs: number | undefined;
    };

/** When a call started. */
export interface CallStart {
  readonly mark: Mark;
  readonly startedAtMs: number;
}

/** Both cache tiers: memory first, then facts that other replicas stored in Redis. It holds facts, never verdicts. */
@Injectable()
export class KeyCache {
  constructor(
    private readonly names: CacheNames,
    private readonly memory: MemoryFacts,
    private readonly shared: SharedFacts,
    readonly validity: EntryValidity,
    private readonly clock: Clock,
  ) {}

  subject(key: string, clientIp: string): CacheSubject {
    const { names } = this;
    const digest = names.digest(key);
    return {
      digest,
      anyName: names.anyAddress(digest),
      oneName: names.oneAddress(digest, clientIp),
      otherNames: names
        .otherDigests(key)
        .flatMap((other) => [names.anyAddress(other), names.oneAddress(other, clientIp)]),
    };
  }

  /** @param fresh returns no entry that should be fetched again */
  async find(subject: CacheSubject, { fresh }: { fresh: boolean }): Promise<CacheFinding> {
    const { digest, anyName, oneName, otherNames } = subject;
    const usable = fresh ? ['fresh'] : ['fresh', 'revalidate'];
    const own = later(await this.memory.entry(anyName), await this.memory.entry(oneName));
    if (own) {
      const state = this.validity.stateOf(own, digest);
      if (usable.includes(state))
        return { kind: 'entry', entry: own, cache: state === 'fresh' ? 'fresh' : 'stale' };
    }
    const refusal = await this.memory.refusal(oneName);
    if (refusal && this.validity.refusalHolds(refusal, digest)) return { kind: 'refused' };

    const { entry: other, redisUs } = await this.shared.find(digest, [anyName, oneName, ...otherNames]);
    if (other && usable.includes(this.validity.stateOf(other, digest))) {
      await this.memory.setEntry(other.addressBound ? oneName : anyName, other);
      return { kind: 'entry', entry: other, cache: 'shared' };
    }
    const stale = later(this.ifUsable(own, digest), this.ifUsable(other, digest));
    return { kind: 'unknown', stale, knownOnce: own !== undefined || other !== undefined, redisUs };
  }

  /** To be called right before a call: this is the age of the facts that the call returns. */
  startCall(redisUs: number | undefined): CallStart {
    return { mark: this.validity.tombstones.mark(redisUs), startedAtMs: this.clock.monotonicMs() };
  }

  /** @returns undefined if a tombstone has invalidated the facts while they were fetched */
  async remember(
    subject: CacheSubject,
    { facts, addressBound }: Extract<Validation, { kind: 'valid' }>,
    start: CallStart,
  ): Promise<KeyEntry | undefined> {
    if (!this.validity.tombstones.allows(start.mark, subject.digest, facts.keyId)) return undefined;
    const entry: KeyEntry = { facts, addressBound, ...start };
    const name = addressBound ? subject.oneName : subject.anyName;
    await this.memory.setEntry(name, entry);
    await this.memory.deleteRefusal(subject.oneName);
    // Nobody waits for this write: if it fails, another replica asks the auth service itself.
    void this.shared.save(name, entry);
    return entry;
  }

  /** @returns false if a tombstone has come since: a later call may have another result */
  async rememberRefusal(subject: CacheSubject, start: CallStart): Promise<boolean> {
    if (!this.validity.tombstones.allows(start.mark, subject.digest, null)) return false;
    await this.forget(subject);
    await this.memory.setRefusal(subject.oneName, start);
    return true;
  }

  /** Drops the facts, because the auth service has refused the key since. */
  async forget({ anyName, oneName, otherNames }: CacheSubject): Promise<void> {
    await this.memory.deleteEntry(anyName);
    await this.memory.deleteEntry(oneName);
    void this.shared.delete([anyName, oneName, ...otherNames]);
  }

  private ifUsable(entry: KeyEntry | undefined, digest: string): KeyEntry | undefined {
    return entry && this.validity.standsIn(entry, digest) ? entry : undefined;
  }
}

function later(a: KeyEntry | undefined, b: KeyEntry | undefined): KeyEntry | undefined {
  if (!a || !b) return a ?? b;
  return a.startedAtMs >= b.startedAtMs ? a : b;
}
