import { execFile } from 'node:child_process';
import { cp, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { sharedPart } from '../run/shared-parts.ts';
import { tempDir } from '../lib/temp-dir.ts';

export const run = promisify(execFile);
export const require = createRequire(import.meta.url);

interface SdkPackage {
  readonly tarball: string;
  readonly packedBytes: number;
  readonly unpackedBytes: number;
  /** Paths of what is in it. */
  readonly files: readonly string[];
  /** The built package: not to be changed. */
  readonly built: string;
}

export interface PackedSdk extends SdkPackage {
  /** A folder of the caller's own in which the package is installed. */
  readonly consumer: string;
  remove(): Promise<void>;
}

/** What `npm pack --json` says. */
interface NpmPack {
  filename: string;
  size: number;
  unpackedSize: number;
  files: { path: string }[];
}

/** The run's packed SDK, installed in a folder of the caller's own. */
export async function packSdk(): Promise<PackedSdk> {
  const { installed, ...sdk } = await sharedPart<SdkPackage & { installed: string }>('packed-sdk');
  const { path, remove } = await tempDir('sdk-consumer');
  const consumer = join(path, 'consumer');
  await cp(installed, consumer, { recursive: true });
  return { ...sdk, consumer, remove };
}

/** Packs the built package and installs it elsewhere, without a network. */
export async function packBuiltSdk(
  built: string,
): Promise<SdkPackage & { installed: string; remove(): Promise<void> }> {
  const { path, remove } = await tempDir('sdk');
  const installed = join(path, 'installed');
  try {
    const npm = ['--offline', '--no-audit', '--no-fund', '--cache', join(path, 'cache')];
    const pack = ['pack', built, '--json', '--pack-destination', path];
    const { stdout } = await run('npm', [...pack, ...npm], { cwd: path });
    const [packed] = JSON.parse(stdout) as [NpmPack];
    const tarball = join(path, packed.filename);
    await mkdir(installed);
    await writeFile(join(installed, 'package.json'), '{"name":"consumer","private":true}');
    await run('npm', ['install', tarball, ...npm], { cwd: installed });
    return {
      tarball,
      built,
      installed,
      packedBytes: packed.size,
      unpackedBytes: packed.unpackedSize,
      files: packed.files.map((file) => file.path),
      remove,
    };
  } catch (error) {
    await remove();
    throw error;
  }
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
  /** Package of the compiler: `typescript` is version 6, `typescript-native` is 7. */
  readonly compiler: 'typescript' | 'typescript-native';
  readonly module: string;
  readonly moduleResolution: string;
  /** `.mts`, `.cts` or `.ts`. */
  readonly extension: string;
  readonly libs: readonly string[];
  readonly types: readonly string[];
}

/**
 * Type-checks sources in the consumer's folder, the package's own types included; gives the compiler's complaints. The types that
 * come with the compiler are taken as they are.
 */
export async function typeCheck(
  consumer: string,
  sources: readonly string[],
  check: TypeCheck,
): Promise<string> {
  const folder = join(
    consumer,
    `check-${check.compiler}-${check.moduleResolution}-${check.extension.slice(1)}-${check.types.join('')}`,
  );
  await mkdir(folder, { recursive: true });
  await Promise.all(
    sources.map((source, index) => writeFile(join(folder, `source${index}${check.extension}`), source)),
  );
  const { compiler, module, moduleResolution, libs, types } = check;
  const compilerOptions = {
    ...{ module, moduleResolution, types, noEmit: true, strict: true },
    ...{ skipDefaultLibCheck: true, skipLibCheck: types.length > 0 },
    ...{
      target: 'es2023',
      lib: ['es2023', ...libs],
      typeRoots: [join(process.cwd(), 'node_modules/@types')],
    },
  };
  await writeFile(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions }));
  const tsc = join(require.resolve(`${compiler}/package.json`), '../bin/tsc');
  return run(process.execPath, [tsc, '-p', folder]).then(
    () => '',
    (error: { stdout?: string }) => error.stdout ?? 'the compiler could not be run',
  );
}
