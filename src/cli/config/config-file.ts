import { randomBytes } from 'node:crypto';
import { chmod, open, readFile, realpath, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { parse, stringify } from 'ini';
import type { CliIo } from '../io/cli-io.js';
import { usageError } from '../cli-error.js';
import { DEFAULT_PROFILE, entriesNotUnderstood, type ProfileKey } from './config-entries.js';
import { makeFolders } from './make-folders.js';

export type Profile = Partial<Record<ProfileKey, string>>;

const PROFILE_NAME = /^[A-Za-z0-9_-]{1,64}$/;
const OWNER_ONLY = 0o600;

export interface ConfigFile {
  readonly path: string;
  readonly exists: boolean;
  /** Sections and their members as they are in the file. */
  readonly sections: Readonly<Record<string, Record<string, string>>>;
  /** Problems of the file that do not prevent its use, as sentences. */
  readonly warnings: readonly string[];
  /** Places of unknown entries in a profile, without their values. */
  notUnderstood(profile: string): string[];
}

/** `HOKUSAI_CONFIG_FILE`, else `~/.hokusai/config`. */
export function configPath(io: Pick<CliIo, 'env' | 'homeDirectory'>): string {
  return io.env['HOKUSAI_CONFIG_FILE'] || join(io.homeDirectory, '.hokusai', 'config');
}

/** @throws CliError (usage) for a name that is not a plain word */
export function checkProfileName(name: string): string {
  if (PROFILE_NAME.test(name)) return name;
  throw usageError(
    'A profile name consists of letters, digits, "-" and "_"',
    'Choose another name for --profile or HOKUSAI_PROFILE.',
  );
}

/**
 * Reads the file; one that is not there is empty.
 *
 * @throws CliError (usage) where it is there and cannot be read
 */
export async function readConfigFile(path: string): Promise<ConfigFile> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ENOENT' || code === 'ENOTDIR')
      return { path, exists: false, sections: {}, warnings: [], notUnderstood: () => [] };
    throw usageError(`${path} cannot be read (${code ?? 'unknown error'})`, 'Check its owner and its mode.');
  }
  return {
    path,
    exists: true,
    sections: sectionsOf(text),
    warnings: await warningsOf(path),
    notUnderstood: (profile) => entriesNotUnderstood(text, profile),
  };
}

/**
 * Sets members of one profile and keeps the rest. The file is replaced in one step, is never there half
 * written, and is readable by its owner alone from its first byte on. Comments are not kept.
 *
 * @param changes a value of `undefined` takes the member out
 * @throws CliError (usage) where the file cannot be written there
 */
export async function writeProfile(
  path: string,
  profile: string,
  changes: Readonly<Partial<Record<ProfileKey, string | undefined>>>,
): Promise<void> {
  const target = await realpath(path).catch(() => path);
  const { sections } = await readConfigFile(target);
  const members: Record<string, string> = { ...sections[profile] };
  for (const [key, value] of Object.entries(changes))
    if (value === undefined) delete members[key];
    else members[key] = value;
  const text = stringify({ ...sections, [profile]: members }, { whitespace: true });
  try {
    await replace(target, text);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw usageError(
      `${path} cannot be written (${code ?? 'unknown error'})`,
      'Check that its folder can be made and written to, or name another file in HOKUSAI_CONFIG_FILE.',
    );
  }
}

async function replace(target: string, text: string): Promise<void> {
  makeFolders(dirname(target));
  const temporary = `${target}.${randomBytes(6).toString('hex')}.tmp`;
  try {
    const file = await open(temporary, 'wx', OWNER_ONLY);
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    // A umask may have removed the owner's own permissions, so the mode is set again.
    await chmod(temporary, OWNER_ONLY);
    await rename(temporary, target);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

function sectionsOf(text: string): Record<string, Record<string, string>> {
  const sections: Record<string, Record<string, string>> = {};
  for (const [name, value] of Object.entries(parse(text))) {
    // Members above the first section belong to the default profile.
    if (isSection(value)) sections[name] = { ...sections[name], ...textsOf(value) };
    else sections[DEFAULT_PROFILE] = { [name]: String(value), ...sections[DEFAULT_PROFILE] };
  }
  return sections;
}

function textsOf(section: Record<string, unknown>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(section)
      .filter(([, value]) => !isSection(value))
      .map(([key, value]) => [key, String(value)]),
  );
}

function isSection(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

async function warningsOf(path: string): Promise<string[]> {
  if (process.platform === 'win32') return [];
  const { mode } = await stat(path);
  if ((mode & 0o077) === 0) return [];
  const octal = (mode & 0o777).toString(8);
  return [`${path} holds secrets and others may read or change it (mode ${octal}): run "chmod 600 ${path}".`];
}
