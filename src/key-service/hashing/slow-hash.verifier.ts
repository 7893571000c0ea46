import { Injectable } from '@nestjs/common';
import bcrypt from 'bcrypt';
import { ProblemError } from '../../lib/problem-error.js';
import { HashingConfig } from '../config/hashing.config.js';

/** Compares keys with the slow hashes that imported keys are stored under until their first use. */
export abstract class SlowHashVerifier {
  /**
   * @returns the first of `hashes` that the key fits, undefined where none does
   * @throws ProblemError 503 where too many comparisons wait already
   */
  abstract firstMatch(key: string, hashes: readonly string[]): Promise<string | undefined>;
}

const RETRY_AFTER_SECONDS = 1;

/** bcrypt on libuv's threads, never on the event loop; few at once, because each keeps a core busy. */
@Injectable()
export class BcryptVerifier extends SlowHashVerifier {
  private running = 0;
  private readonly waiting: (() => void)[] = [];

  constructor(private readonly config: HashingConfig) {
    super();
  }

  override async firstMatch(key: string, hashes: readonly string[]): Promise<string | undefined> {
    await this.enter();
    try {
      for (const hash of hashes) if (await bcrypt.compare(key, hash)) return hash;
      return undefined;
    } finally {
      this.leave();
    }
  }

  private async enter(): Promise<void> {
    if (this.running < this.config.bcryptConcurrency) {
      this.running++;
      return;
    }
    if (this.waiting.length >= this.config.bcryptMaxQueued)
      throw new ProblemError('overloaded', {
        message: 'Too many imported keys are being checked. Try again after the seconds in Retry-After.',
        reason: 'bcrypt-queue-full',
        retryAfterSeconds: RETRY_AFTER_SECONDS,
      });
    await new Promise<void>((resolve) => this.waiting.push(resolve));
  }

  private leave(): void {
    const next = this.waiting.shift();
    if (next) next();
    else this.running--;
  }
}
