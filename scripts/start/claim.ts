import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { StartError } from './terminal.ts';

/**
 * Claims the data folder for this process, until it ends: two systems on one folder make their
 * databases at the same time, and each tells only its own gateway of a revoked key. A lock of SQLite
 * ends with the process that holds it, however that ends.
 *
 * @returns gives the folder free again
 * @throws StartError where another process holds it
 */
export function claimDataDir(dir: string): () => void {
  const lock = new DatabaseSync(join(dir, 'running.lock'));
  try {
    lock.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    lock.close();
    if (!(error as Error).message.includes('locked')) throw error;
    throw new StartError(
      `Another "npm start" uses the data folder ${dir}: use that one or stop it, or set DATA_DIR, PORT and KEY_SERVICE_PORT to others.`,
      2,
    );
  }
  return () => lock.close();
}
