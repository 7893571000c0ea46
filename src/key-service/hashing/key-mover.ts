import { Injectable, type BeforeApplicationShutdown } from '@nestjs/common';
import { errorFields, Logger } from '../../platform/logging/logger.js';
import { Database } from '../storage/database.js';
import { KeyHasher } from './key-hasher.js';
import { KeyHashesRepository, type HashedKey } from './key-hashes.repository.js';

/**
 * Moves keys to the current hash in the background, because requests must not wait for a write. A key that cannot be
 * moved now is moved at a later use.
 */
@Injectable()
export class KeyMover implements BeforeApplicationShutdown {
  private readonly moves = new Set<Promise<void>>();

  constructor(
    private readonly database: Database,
    private readonly hashes: KeyHashesRepository,
    private readonly hasher: KeyHasher,
    private readonly logger: Logger,
  ) {}

  move(found: HashedKey, key: string): void {
    const move = this.hashes
      .replaceHash(this.database.db, found.record.id, found.hash, this.hasher.store(key))
      .catch((error: unknown) =>
        this.logger.warn('key_hash_upgrade_failed', { key_id: found.record.id, ...errorFields(error) }),
      )
      .finally(() => this.moves.delete(move));
    this.moves.add(move);
  }

  async beforeApplicationShutdown(): Promise<void> {
    await Promise.all(this.moves);
  }
}
