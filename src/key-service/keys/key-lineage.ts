import { Injectable } from '@nestjs/common';
import { Database } from '../storage/database.js';
import type { KeyRecord } from '../records/key-record.js';
import { KeysRepository } from './keys.repository.js';
import { requireKey } from './require-key.js';

/** Keys on one side that are looked up: a key that was rotated every day for months. */
const MAX_STEPS = 100;

/** The keys that took each other's place by rotation. */
@Injectable()
export class KeyLineage {
  constructor(
    private readonly database: Database,
    private readonly keys: KeysRepository,
  ) {}

  /** Oldest first. @throws ProblemError 404 */
  async of(id: string): Promise<KeyRecord[]> {
    const key = requireKey(await this.keys.find(this.database.reads, id));
    const before = await this.follow(key, ({ rotatedFromId }) => rotatedFromId);
    const after = await this.follow(key, ({ rotatedToId }) => rotatedToId);
    return [...before.reverse(), key, ...after];
  }

  private async follow(start: KeyRecord, next: (key: KeyRecord) => string | null): Promise<KeyRecord[]> {
    const found: KeyRecord[] = [];
    for (let id = next(start); id !== null && found.length < MAX_STEPS;) {
      const key = await this.keys.find(this.database.reads, id);
      if (!key) break;
      found.push(key);
      id = next(key);
    }
    return found;
  }
}
