import { access, constants } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The repository's root, without a trailing slash. */
export const ROOT = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '');

/** The built programs; another build by `BENCH_DIST`, to measure one beside the other. */
export const DIST = process.env['BENCH_DIST'] ?? join(ROOT, 'dist');

/** Whether a program is on the PATH, or, as an absolute path, is there. */
export async function hasProgram(name: string): Promise<boolean> {
  const places = name.startsWith('/')
    ? [name]
    : (process.env['PATH'] ?? '').split(delimiter).map((folder) => join(folder, name));
  for (const place of places)
    if (
      await access(place, constants.X_OK).then(
        () => true,
        () => false,
      )
    )
      return true;
  return false;
}

export const BENCH_PYTHON = join(ROOT, '.cache', 'bench-venv', 'bin', 'python');
export const MLFLOW_PYTHON = join(ROOT, '.cache', 'mlflow-venv', 'bin', 'python');
