import { Injectable } from '@nestjs/common';
import { isBulkheadRejectedError, isTaskCancelledError } from 'cockatiel';
import { setTimeout as delay } from 'node:timers/promises';
import { ProblemError } from '../../lib/http/problem-error.js';
import { HashingConfig } from '../config/hashing.config.js';
import { Database } from '../storage/database.js';
import { KeyHashesRepository, type HashedKey } from './key-hashes.repository.js';
import { KeyMover } from './key-mover.js';
import { SlowHashVerifier } from './slow-hash.verifier.js';

/** Prefixes that imported keys may be stored with, in characters. */
export const MIN_PREFIX_LENGTH = 4;
export const MAX_PREFIX_LENGTH = 20;
/** Slow comparisons that one key may cost at most; the import keeps every prefix within it. */
export const MAX_BCRYPT_CANDIDATES = 8;

/** The answer to a caller whose key could not be compared in time: the key may be valid. */
const RETRY_AFTER_SECONDS = 1;

/** Finds imported keys, which are stored under slow hashes until their first use. */
@Injectable()
export class SlowKeyLookup {
  private readonly underWay = new Map<string, Promise<HashedKey | undefined>>();

  constructor(
    private readonly database: Database,
    private readonly hashes: KeyHashesRepository,
    private readonly verifier: SlowHashVerifier,
    private readonly mover: KeyMover,
    private readonly config: HashingConfig,
  ) {}

  /**
   * One comparison for any number of first uses at once. It goes on when they have waited long enough, so that the
   * next attempt is quick.
   *
   * @param digest names the key among those under way
   * @param caller who presents the key
   * @throws ProblemError 503 where it takes longer than `BCRYPT_TIMEOUT_MS`, its turn included
   */
  async find(key: string, digest: string, caller: string): Promise<HashedKey | undefined> {
    const candidates = await this.hashes.findBcryptCandidates(
      this.database.reads,
      prefixesOf(key),
      MAX_BCRYPT_CANDIDATES,
    );
    if (candidates.length === 0) return undefined;
    let lookup = this.underWay.get(digest);
    if (!lookup) {
      lookup = this.compare(key, candidates, caller).finally(() => this.underWay.delete(digest));
      this.underWay.set(digest, lookup);
    }
    return inTime(lookup, this.config.bcryptTimeoutMs);
  }

  private async compare(
    key: string,
    candidates: readonly HashedKey[],
    caller: string,
  ): Promise<HashedKey | undefined> {
    const hash = await this.verifier.firstMatch(
      key,
      candidates.map((candidate) => candidate.hash),
      caller,
      AbortSignal.timeout(this.config.bcryptTimeoutMs),
    );
    const found = candidates.find((candidate) => candidate.hash === hash);
    // Here, because those who asked may have gone.
    if (found) this.mover.move(found, key);
    return found;
  }
}

/** @throws ProblemError where it takes longer, or could not even begin */
async function inTime<T>(lookup: Promise<T>, timeoutMs: number): Promise<T> {
  const timer = new AbortController();
  const late = delay(timeoutMs, undefined, { ref: false, signal: timer.signal }).then(() => {
    throw tooLate('bcrypt-too-slow');
  });
  try {
    return await Promise.race([lookup, late]);
  } catch (error) {
    if (isBulkheadRejectedError(error)) throw tooLate('bcrypt-queue-full');
    if (isTaskCancelledError(error)) throw tooLate('bcrypt-queue-too-slow');
    throw error;
  } finally {
    timer.abort();
    late.catch(() => undefined);
  }
}

function tooLate(reason: string): ProblemError {
  return new ProblemError('key-check-unavailable', { reason, retryAfterSeconds: RETRY_AFTER_SECONDS });
}

/** Every beginning of a key that it may be stored with. */
function prefixesOf(key: string): string[] {
  const prefixes: string[] = [];
  for (let length = MIN_PREFIX_LENGTH; length <= Math.min(MAX_PREFIX_LENGTH, key.length); length++)
    prefixes.push(key.slice(0, length));
  return prefixes;
}
