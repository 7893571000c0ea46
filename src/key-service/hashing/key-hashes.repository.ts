import { Injectable } from '@nestjs/common';
import { sql } from 'kysely';
import { fromRow, type KeyRecord, type StoredHash } from '../records/key-record.js';
import type { Db } from '../storage/database.schema.js';

export interface HashedKey {
  record: KeyRecord;
  hash: string;
}

/** Looks keys up by what is stored of them: always by an index, never a scan. */
@Injectable()
export class KeyHashesRepository {
  /** The key that is stored under one of the hashes. */
  async findByHash(db: Db, hashes: readonly string[]): Promise<HashedKey | undefined> {
    const row = await db
      .selectFrom('api_keys')
      .selectAll()
      .where('key_hash', 'in', hashes)
      .limit(1)
      .executeTakeFirst();
    return row && { record: fromRow(row), hash: row.key_hash };
  }

  /** Imported keys, not yet used, that are stored with one of the prefixes; the longest prefix first. */
  async findBcryptCandidates(db: Db, prefixes: readonly string[], limit: number): Promise<HashedKey[]> {
    if (prefixes.length === 0) return [];
    const rows = await db
      .selectFrom('api_keys')
      .selectAll()
      // Written out, because a partial index is used only where its condition stands in the query.
      .where(sql<boolean>`hash_algorithm = 'bcrypt'`)
      .where('key_prefix', 'in', prefixes)
      .orderBy(sql`length(key_prefix)`, 'desc')
      .orderBy('id')
      .limit(limit)
      .execute();
    return rows.map((row) => ({ record: fromRow(row), hash: row.key_hash }));
  }

  /** Replaces what is stored of a key, unless that has changed in the meantime. */
  async replaceHash(db: Db, id: string, from: string, to: StoredHash): Promise<void> {
    await db
      .updateTable('api_keys')
      .set({ key_hash: to.hash, hash_algorithm: to.algorithm })
      .where('id', '=', id)
      .where('key_hash', '=', from)
      .execute();
  }
}
