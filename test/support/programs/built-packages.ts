import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildIfStale } from '../../../scripts/start/build.ts';
import { runProgram } from './child-program.ts';
import { sharedPart } from '../run/shared-parts.ts';
import { tempDir } from '../lib/temp-dir.ts';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const BUILD_TIMEOUT_MS = 240_000;

/** What `npm run build:packages` makes. */
export interface BuiltPackages {
  /** Holds a folder for each package: not to be changed. */
  readonly folder: string;
}

/** The packages of a release, built once for a whole test run. */
export const builtPackages = (): Promise<BuiltPackages> => sharedPart<BuiltPackages>('packages');

export async function buildPackages(): Promise<BuiltPackages & { remove(): Promise<void> }> {
  await buildIfStale(ROOT);
  const { path, remove } = await tempDir('packages');
  const folder = join(path, 'built');
  const script = join(ROOT, 'scripts/build-packages.ts');
  await runProgram(process.execPath, [script, folder], { timeoutMs: BUILD_TIMEOUT_MS }).catch(
    async (error) => {
      await remove();
      throw error;
    },
  );
  return { folder, remove };
}
