import { accessSync, closeSync, constants, openSync, readSync, statSync, type Stats } from 'node:fs';
import { dirname } from 'node:path';

/** First bytes of every SQLite database that holds anything. */
const MAGIC = Buffer.from('SQLite format 3\0');

/** What is wrong with the path of a SQLite database, in words that follow the variable's name; none is undefined. */
export function sqliteFileProblem(path: string): string | undefined {
  // Migration has its own connection, and in memory each connection has its own database.
  if (path === ':memory:' || path.startsWith('file:'))
    return 'must name a file, such as sqlite:///.data/keys.sqlite: a database in memory loses all keys';
  try {
    const stats = statOf(path);
    if (path.endsWith('/') || stats?.isDirectory() === true)
      return 'names a folder: add the name of a file, such as /keys.sqlite';
    if (!stats)
      return mayMake(path)
        ? undefined
        : 'names a file that this process may not make: name one below a folder that it may write to';
    accessSync(path, constants.R_OK | constants.W_OK);
    return isDatabase(path, stats)
      ? undefined
      : 'names something that is no SQLite database: name a database, or a file that is to be made';
  } catch {
    return 'names a file that this process may not read and write: give it the rights, or name another';
  }
}

/** Undefined where there is nothing. */
function statOf(path: string): Stats | undefined {
  try {
    return statSync(path);
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined;
    throw error;
  }
}

/** Missing folders are made at the start, so the first one that is there decides. */
function mayMake(path: string): boolean {
  let folder = dirname(path);
  while (!statOf(folder)) folder = dirname(folder);
  if (statOf(folder)?.isDirectory() !== true) return false;
  try {
    accessSync(folder, constants.W_OK | constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** An empty file becomes a database. */
function isDatabase(path: string, stats: Stats): boolean {
  if (!stats.isFile()) return false;
  if (stats.size === 0) return true;
  const start = Buffer.alloc(MAGIC.length);
  const file = openSync(path, 'r');
  try {
    readSync(file, start);
  } finally {
    closeSync(file);
  }
  return start.equals(MAGIC);
}
