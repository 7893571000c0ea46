/** Compiles src/ into an empty dist/, and fails where the types do not hold; part of `npm run build`. */
import { execFile } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);

/**
 * Runs the native compiler, on one thread: what two of them check twice costs more than it saves.
 * @throws Error with what the compiler found
 */
export async function tsc(args: readonly string[]): Promise<void> {
  const manifest = createRequire(import.meta.url).resolve('typescript-native/package.json');
  try {
    await run(process.execPath, [join(manifest, '../bin/tsc'), '--checkers', '1', ...args]);
  } catch (error) {
    const { stdout, message } = error as Error & { stdout?: string };
    throw new Error(stdout || message, { cause: error });
  }
}

/** @param root folder of the sources, in which `dist/` is made */
export async function compile(root: string): Promise<void> {
  // A file whose source is gone would stay.
  await rm(join(root, 'dist'), { recursive: true, force: true });
  await tsc(['-p', join(root, 'tsconfig.build.json')]);
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  try {
    await compile(fileURLToPath(new URL('..', import.meta.url)));
  } catch (error) {
    console.error((error as Error).message);
    process.exitCode = 1;
  }
