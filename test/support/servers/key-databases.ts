import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { newDatabase } from './postgres-server.js';
import { sharedPart } from '../run/shared-parts.js';
import { tempDir } from '../lib/temp-dir.js';

export const ENGINES = ['sqlite', 'postgres'] as const;
export type EngineName = (typeof ENGINES)[number];

/** Where the databases of one test file come from. */
export interface KeyDatabases {
  /** URL of a new, empty database. */
  next(): Promise<string>;
  close(): Promise<void>;
}

/** New databases of one engine: files of a folder of their own, or databases of the run's real PostgreSQL. */
export async function startKeyDatabases(engine: EngineName): Promise<KeyDatabases> {
  if (engine === 'postgres') {
    const { url } = await sharedPart<{ url: string }>('postgres');
    return { next: () => newDatabase(url), close: async () => {} };
  }
  const folder = await tempDir('sqlite');
  return {
    next: async () => `sqlite:///${join(folder.path, `${randomUUID()}.sqlite`)}`,
    close: () => folder.remove(),
  };
}
