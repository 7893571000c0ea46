import { randomBytes } from 'node:crypto';
import { chmodSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeFolders } from '../../src/cli/config/make-folders.ts';
import { StartError } from './terminal.ts';

/** What stays between two starts: databases, artifacts, logs and the secrets of this installation. */
export interface State {
  readonly dir: string;
  /** Log file of one part; moved aside once it is large. */
  logFile(part: string): string;
  /** Folder of one part. */
  folder(part: string): string;
  /** Secret of that name, made at its first use; 43 characters of base64url, in a file of mode 600. */
  secret(name: string): string;
  secretFile(name: string): string;
}

const SECRET_BYTES = 32;
const LARGE_LOG_BYTES = 20 * 1024 * 1024;

/** Opens or makes the data folder, which no other user may enter. */
export function openState(dir: string): State {
  try {
    makeFolders(dir);
    chmodSync(dir, 0o700);
  } catch (error) {
    throw new StartError(`The data folder ${dir} cannot be used: ${(error as Error).message}`, 2);
  }
  const folder = (part: string): string => {
    makeFolders(join(dir, part));
    return join(dir, part);
  };
  const secretFile = (name: string): string => join(folder('secrets'), name);
  return {
    dir,
    folder,
    logFile: (part) => setAsideIfLarge(join(folder('logs'), `${part}.log`)),
    secretFile,
    secret: (name) => readOrMake(secretFile(name)),
  };
}

function readOrMake(file: string): string {
  const known = read(file);
  if (known !== undefined && known !== '') return known;
  const made = randomBytes(SECRET_BYTES).toString('base64url');
  // Written aside and renamed: a start that is cut off leaves no half a secret.
  writeFileSync(`${file}.new`, `${made}\n`, { mode: 0o600 });
  renameSync(`${file}.new`, file);
  return made;
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch {
    return undefined;
  }
}

function setAsideIfLarge(file: string): string {
  const size = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
  if (size > LARGE_LOG_BYTES) renameSync(file, `${file}.1`);
  return file;
}
