import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { StartError } from '../../platform/start-error.js';
import { isBusy } from './sqlite.adapter.js';

/**
 * Claims a SQLite database for one key service until it ends, however it ends: the lock is one of SQLite's, on a file
 * beside the database, so that backups and imports are not kept out.
 *
 * @returns gives it free again
 * @throws StartError where another key service has it
 */
export function claimSqliteFile(path: string): () => void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const lock = new DatabaseSync(`${path}-service`, { timeout: 0 });
  try {
    lock.exec('begin exclusive');
  } catch (error) {
    lock.close();
    if (!isBusy(error)) throw error;
    throw new StartError(
      'Another key service uses the SQLite database of DATABASE_URL: stop that one, name another file, or use PostgreSQL, which any number of replicas share.',
    );
  }
  return () => lock.close();
}
