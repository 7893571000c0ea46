import { mkdir, readFile, rename, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { sharedPart } from '../run/shared-parts.ts';
import { tempDir } from '../lib/temp-dir.ts';
import { ABSENT, COMMONJS_NAMES } from './nest-bundling.ts';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const DIST = join(ROOT, 'dist');
const PROGRAMS = ['gateway/main.js', 'key-service/main.js'];
/** Stay where they are: machine code, and a client that is loaded where it is configured. */
const NOT_PACKED = ['bcrypt', '@aws-sdk/*'];
/** Takes the place of an entry, which becomes `PROGRAM_FILE` beside it: what one process has compiled serves the next. */
const COMPILED_ONCE = `import { enableCompileCache } from 'node:module';
import { join } from 'node:path';
enableCompileCache(join(import.meta.dirname, '../compiled'));
await import('./program.js');
`;
export const PROGRAM_FILE = 'program.js';

/** As `dist/` is one. */
export interface PackedPrograms {
  readonly folder: string;
  remove(): Promise<void>;
}

/**
 * A folder with the programs of `dist/` that start in half the processor time, one for a whole test run. For tests that start
 * and kill many; what is about the start itself, or about the files that are shipped, takes `dist/`.
 */
export async function packedPrograms(): Promise<string> {
  const { folder } = await sharedPart<{ folder: string }>('packed-programs');
  return folder;
}

/**
 * Half of a start is the search for two thousand modules: the same code is put into a few files.
 *
 * @param dist folder of the build that is packed, and that the packed programs still need
 */
export async function packPrograms(dist = DIST): Promise<PackedPrograms> {
  const { path, remove } = await tempDir('packed-programs');
  const folder = join(path, 'dist');
  await mkdir(folder);
  await symlink(join(ROOT, 'node_modules'), join(path, 'node_modules'));
  const { build } = await import('esbuild');
  await build({
    entryPoints: PROGRAMS.map((program) => join(dist, program)),
    outbase: dist,
    outdir: folder,
    bundle: true,
    // What a program loads only where it is configured stays apart.
    splitting: true,
    platform: 'node',
    format: 'esm',
    keepNames: true,
    external: [...NOT_PACKED, ...ABSENT],
    banner: { js: COMMONJS_NAMES },
    plugins: [
      { name: 'own files stay where they are', setup: keepOwnAddresses(dist) },
      { name: 'packages loaded later have their names', setup: keepNamesOfLaterPackages(dist) },
    ],
    logLevel: 'error',
  });
  for (const program of PROGRAMS) {
    const entry = join(folder, program);
    await rename(entry, join(dirname(entry), PROGRAM_FILE));
    await writeFile(entry, COMPILED_ONCE);
  }
  return { folder, remove };
}

type Setup = (build: import('esbuild').PluginBuild) => void;

/** A module that looks for a file beside itself finds it beside where it was. */
const keepOwnAddresses =
  (dist: string): Setup =>
  (build) =>
    build.onLoad({ filter: /[\\/]dist[\\/].*\.js$/ }, async ({ path }) => {
      if (!path.startsWith(dist)) return undefined;
      const address = JSON.stringify(pathToFileURL(path).href);
      return { contents: (await readFile(path, 'utf8')).replaceAll('import.meta.url', address) };
    });

/** Node finds the exports of a CommonJS package by name also in `await import()`, of which esbuild gives the default alone. */
const keepNamesOfLaterPackages =
  (dist: string): Setup =>
  (build) => {
    const namespace = 'names';
    build.onResolve({ filter: /^[a-z]/ }, ({ kind, path, importer, resolveDir }) => {
      const isOwn = kind === 'dynamic-import' && importer.startsWith(dist);
      return isOwn ? { path, namespace, pluginData: resolveDir } : undefined;
    });
    build.onLoad({ filter: /.*/, namespace }, async ({ path, pluginData: resolveDir }) => {
      const names = Object.keys((await import(path)) as object).filter(
        (name) => /^[a-z]\w*$/i.test(name) && name !== 'default',
      );
      const contents = `export { ${names.join(', ')} } from '${path}';`;
      return { contents, resolveDir: resolveDir as string };
    });
  };
