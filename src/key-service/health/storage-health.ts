import { Injectable } from '@nestjs/common';
import { Clock } from '../../platform/clock.js';
import { Database } from '../storage/database.js';

const CACHED_MS = 1000;

/** Whether storage answers. It is asked at most once per second, however many callers there are. */
@Injectable()
export class StorageHealth {
  private asked: { atMs: number; answer: Promise<boolean> } | undefined;

  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
  ) {}

  answers(): Promise<boolean> {
    const nowMs = this.clock.monotonicMs();
    if (!this.asked || nowMs - this.asked.atMs >= CACHED_MS)
      this.asked = {
        atMs: nowMs,
        answer: this.database.ping().then(
          () => true,
          () => false,
        ),
      };
    return this.asked.answer;
  }
}
