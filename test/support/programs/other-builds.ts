import { transformFile } from '@swc/core';
import { cpSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { glob } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runProgram } from './child-program.js';
import { PROGRAM_FILE, packedPrograms, packPrograms } from './packed-programs.js';
import { tempDir, type TempDir } from '../lib/temp-dir.js';
import { swcOptions } from '../run/swc-options.js';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const MIGRATIONS = 'src/key-service/storage/migrations';

/** Programs of another version, packed, in a folder as `dist/` is one. */
export interface OtherBuild {
  /** Commit or word that says which one it is. */
  readonly name: string;
  readonly dist: string;
  remove(): Promise<void>;
}

const git = (...args: string[]): Promise<string> =>
  runProgram('git', ['-C', ROOT, ...args]).then(
    (output) => output.trim(),
    () => '',
  );

/**
 * The last release; before the first one, the commit before the newest migration of the database. Undefined where the
 * checkout has no history, as an unpacked archive.
 */
export async function previousVersion(): Promise<string | undefined> {
  const newestMigration = await git('log', '-1', '--format=%H', '--', MIGRATIONS);
  return (
    (await git('describe', '--tags', '--abbrev=0', '--match', 'v*', 'HEAD')) ||
    (newestMigration && (await git('rev-parse', '--verify', '--quiet', `${newestMigration}^`))) ||
    undefined
  );
}

/** @param name commit or tag */
export async function buildOf(name: string): Promise<OtherBuild> {
  const folder = await newFolder();
  const archive = join(folder.path, 'sources.tar');
  await runProgram('git', ['-C', ROOT, 'archive', '--output', archive, name, 'src', 'package.json']);
  await runProgram('tar', ['-xf', archive, '-C', folder.path]);
  await transpile(join(folder.path, 'src'), join(folder.path, 'dist'));
  const packed = await packPrograms(join(folder.path, 'dist'));
  const remove = async (): Promise<void> => void (await Promise.all([packed.remove(), folder.remove()]));
  return { name, dist: packed.folder, remove };
}

/** The packed programs with one migration more, which adds a table and a column, as a next version would have it. */
export async function nextBuild(): Promise<OtherBuild> {
  const folder = await newFolder();
  const dist = join(folder.path, 'dist');
  cpSync(await packedPrograms(), dist, { recursive: true });
  const file = join(dist, 'key-service', PROGRAM_FILE);
  const known = readFileSync(file, 'utf8');
  const changed = known.replace(/(var MIGRATIONS = \{[\s\S]*?)(\n\};)/, `$1,${NEXT_MIGRATION}$2`);
  if (changed === known) throw new Error(`${file} has no list of migrations`);
  writeFileSync(file, changed);
  return { name: 'next', dist, remove: () => folder.remove() };
}

const NEXT_MIGRATION = `
    '9999-next': {
        create: () => ({
            async up(db) {
                await db.schema.createTable('next_things').addColumn('id', 'integer', (id) => id.primaryKey()).execute();
                await db.schema.alterTable('api_keys').addColumn('next_note', 'text').execute();
            },
            async down() {},
        }),
        minReader: 7,
    },`;

/** Has what the programs import. */
async function newFolder(): Promise<TempDir> {
  const folder = await tempDir('build');
  symlinkSync(join(ROOT, 'node_modules'), join(folder.path, 'node_modules'));
  return folder;
}

/** As the tests' own sources are made JavaScript: without a look at the types. */
async function transpile(from: string, to: string): Promise<void> {
  for await (const path of glob('**/*', { cwd: from, exclude: (name) => name.includes('.spec.') })) {
    const [source, target] = [join(from, path), join(to, path.replace(/\.tsx?$/, '.js'))];
    mkdirSync(dirname(target), { recursive: true });
    if (/\.tsx?$/.test(path)) {
      const { code } = await transformFile(source, { ...swcOptions(path.endsWith('x')), swcrc: false });
      writeFileSync(target, code);
    } else if (!existsSync(target)) cpSync(source, target, { recursive: true });
  }
}
