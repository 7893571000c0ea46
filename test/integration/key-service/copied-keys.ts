import { randomUUID } from 'node:crypto';
import { Database } from '../../../src/key-service/storage/database.js';
import type { TestKeyService } from '../../support/systems/key-service.js';

/**
 * Writes keys into storage that are like one that was made by a call, where a test needs many and does not use them.
 *
 * @returns their ids
 */
export async function copyKey(service: TestKeyService, keyId: string, copies: number): Promise<string[]> {
  const { db } = service.app.get(Database, { strict: false });
  const key = await db.selectFrom('api_keys').selectAll().where('id', '=', keyId).executeTakeFirstOrThrow();
  const ids = Array.from({ length: copies }, () => randomUUID());
  await db
    .insertInto('api_keys')
    .values(ids.map((id) => ({ ...key, id, key_hash: `of-${id}` })))
    .execute();
  return ids;
}
