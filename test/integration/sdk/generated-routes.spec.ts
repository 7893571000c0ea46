import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { pythonExecutable } from '../../support/programs/preloaded-python.js';
import { tempDir } from '../../support/lib/temp-dir.js';

const run = promisify(execFile);
const root = fileURLToPath(new URL('../../..', import.meta.url));
const generated = join(root, 'src/sdk/mlflow/generated');

/** Name → text of every file of a folder. */
async function filesOf(folder: string): Promise<Record<string, string>> {
  const names = (await readdir(folder)).sort();
  return Object.fromEntries(
    await Promise.all(names.map(async (name) => [name, await readFile(join(folder, name), 'utf8')])),
  ) as Record<string, string>;
}

it('routes and types are what the generator reads from the reference MLflow', async () => {
  const dir = await tempDir('routes');
  try {
    await run(await pythonExecutable(), [join(root, 'scripts/generate-mlflow-routes.py'), dir.path]);
    await run(process.execPath, [
      join(root, 'node_modules/prettier/bin/prettier.cjs'),
      '--config',
      join(root, '.prettierrc.json'),
      '--write',
      dir.path,
    ]);
    expect(await filesOf(dir.path)).toEqual(await filesOf(generated));
  } finally {
    await dir.remove();
  }
}, 120_000);
