import { Injectable } from '@nestjs/common';
import bcrypt from 'bcrypt';
import { bulkhead, type BulkheadPolicy } from 'cockatiel';
import { LRUCache } from 'lru-cache';
import { atMost } from '../../lib/at-most.js';
import { HashingConfig } from '../config/hashing.config.js';

/** Compares keys with the slow hashes that imported keys are stored under until their first use. */
export abstract class SlowHashVerifier {
  /**
   * @param caller who asks: the capacity is shared fairly among callers
   * @param signal removes a waiting comparison from the queue; a running one is finished
   * @returns the first of `hashes` that the key fits, undefined where none does
   * @throws BulkheadRejectedError where too many comparisons wait already; TaskCancelledError after the signal
   */
  abstract firstMatch(
    key: string,
    hashes: readonly string[],
    caller: string,
    signal: AbortSignal,
  ): Promise<string | undefined>;
}

/** Callers whose share is remembered. One that is forgotten while it waits may get a second share. */
const MAX_CALLERS = 1000;
/** The part of the queue that one caller may use. */
const QUEUE_SHARE = 8;

/**
 * bcrypt on libuv's threads, never on the event loop; few at once, because each keeps a core busy. One caller has at
 * most half of them, so that its wrong keys leave room for the right ones of others.
 */
@Injectable()
export class BcryptVerifier extends SlowHashVerifier {
  private readonly all: BulkheadPolicy;
  private readonly callers = new LRUCache<string, BulkheadPolicy>(atMost(MAX_CALLERS));

  constructor(private readonly config: HashingConfig) {
    super();
    this.all = bulkhead(config.bcryptConcurrency, config.bcryptMaxQueued);
  }

  override firstMatch(
    key: string,
    hashes: readonly string[],
    caller: string,
    signal: AbortSignal,
  ): Promise<string | undefined> {
    return this.shareOf(caller).execute(
      () =>
        this.all.execute(async () => {
          for (const hash of hashes) if (await bcrypt.compare(key, hash)) return hash;
          return undefined;
        }, signal),
      signal,
    );
  }

  private shareOf(caller: string): BulkheadPolicy {
    let share = this.callers.get(caller);
    if (!share) {
      const { bcryptConcurrency, bcryptMaxQueued } = this.config;
      share = bulkhead(Math.ceil(bcryptConcurrency / 2), Math.ceil(bcryptMaxQueued / QUEUE_SHARE));
      this.callers.set(caller, share);
    }
    return share;
  }
}
