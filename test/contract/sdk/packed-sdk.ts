import { execFile } from 'node:child_process';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { buildSdk } from '../../../scripts/build-sdk.js';
import { tempDir } from '../../support/temp-dir.js';

export const run = promisify(execFile);
export const require = createRequire(import.meta.url);

export interface PackedSdk {
  readonly tarball: string;
  readonly packedBytes: number;
  readonly unpackedBytes: number;
  /** The built package. */
  readonly built: string;
  /** A folder elsewhere in which the package is installed. */
  readonly consumer: string;
  remove(): Promise<void>;
}

/** Builds the package, packs it and installs it elsewhere, without a network. */
export async function packSdk(): Promise<PackedSdk> {
  const { path, remove } = await tempDir('sdk');
  const built = join(path, 'dist-sdk');
  await buildSdk(built);
  const npm = ['--offline', '--no-audit', '--no-fund', '--cache', join(path, 'cache')];
  const { stdout } = await run('npm', ['pack', built, '--json', '--pack-destination', path, ...npm], {
    cwd: path,
  });
  const [packed] = JSON.parse(stdout) as [{ filename: string; size: number; unpackedSize: number }];
  const tarball = join(path, packed.filename);
  const consumer = join(path, 'consumer');
  await mkdir(consumer);
  await writeFile(join(consumer, 'package.json'), '{"name":"consumer","private":true}');
  await run('npm', ['install', tarball, ...npm], { cwd: consumer });
  return { tarball, built, consumer, remove, packedBytes: packed.size, unpackedBytes: packed.unpackedSize };
}

/** The text of every script of the built package, by path. */
export async function scriptsOf(built: string): Promise<Map<string, string>> {
  const paths = (await readdir(built, { recursive: true })).filter((path) => path.endsWith('.js'));
  return new Map(
    await Promise.all(paths.map(async (path) => [path, await readFile(join(built, path), 'utf8')] as const)),
  );
}

/** Blocks of TypeScript in a Markdown text. */
export function typescriptBlocks(markdown: string): string[] {
  return [...markdown.matchAll(/```ts\n([\s\S]*?)```/g)].map((parts) => parts[1] ?? '');
}

export interface TypeCheck {
  readonly module: string;
  readonly moduleResolution: string;
  /** `.mts`, `.cts` or `.ts`. */
  readonly extension: string;
  readonly libs: readonly string[];
  readonly types: readonly string[];
}

/** Type-checks sources in the consumer's folder, libraries included; gives the compiler's complaints. */
export async function typeCheck(
  consumer: string,
  sources: readonly string[],
  check: TypeCheck,
): Promise<string> {
  const folder = join(
    consumer,
    `check-${check.moduleResolution}-${check.extension.slice(1)}-${check.types.join('')}`,
  );
  await mkdir(folder, { recursive: true });
  await Promise.all(
    sources.map((source, index) => writeFile(join(folder, `source${index}${check.extension}`), source)),
  );
  const { module, moduleResolution, libs, types } = check;
  const compilerOptions = {
    ...{ module, moduleResolution, types, noEmit: true, strict: true, skipLibCheck: types.length > 0 },
    ...{
      target: 'es2023',
      lib: ['es2023', ...libs],
      typeRoots: [join(process.cwd(), 'node_modules/@types')],
    },
  };
  await writeFile(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions }));
  return run(process.execPath, [require.resolve('typescript/bin/tsc'), '-p', folder]).then(
    () => '',
    (error: { stdout?: string }) => error.stdout ?? 'the compiler could not be run',
  );
}
