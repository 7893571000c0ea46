import { execFile } from 'node:child_process';
import { cp, mkdtemp, readdir, realpath, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { SDK_API_FOLDER } from './pages.ts';
import { stage } from './stage.ts';

const run = promisify(execFile);
const BUILD_TIMEOUT_MS = 300_000;

/**
 * Builds the site. Its packages must be installed (`node scripts/prepare.mjs docs`).
 * @param root folder of the checkout
 * @param target folder that will hold the site alone
 * @throws Error with what VitePress or TypeDoc said, such as which links are dead
 */
export async function buildDocsSite(root: string, target: string): Promise<void> {
  // Beside its packages, so that pages find them; a folder of its own, so that two builds do not meet.
  const packages = await realpath(join(root, '.cache/docs-site'));
  const work = await mkdtemp(join(packages, 'build-'));
  try {
    stage(root, work);
    await tool(root, join(packages, 'node_modules/typedoc/bin/typedoc'), [
      '--options',
      join(root, 'docs/site/typedoc.json'),
      ...['--tsconfig', join(root, 'tsconfig.sdk.json')],
      ...['--plugin', join(packages, 'node_modules/typedoc-plugin-markdown/dist/index.js')],
      ...['--out', join(work, SDK_API_FOLDER)],
      join(root, 'src/sdk/index.ts'),
    ]);
    await tool(work, join(packages, 'node_modules/vitepress/bin/vitepress.js'), ['build', work]);
    await rm(target, { recursive: true, force: true });
    await cp(join(work, '.vitepress/dist'), target, { recursive: true });
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

async function tool(cwd: string, script: string, args: readonly string[]): Promise<void> {
  const env = { ...process.env, NO_COLOR: '1', NODE_ENV: 'production' };
  try {
    await run(process.execPath, [script, ...args], {
      cwd,
      env,
      timeout: BUILD_TIMEOUT_MS,
      maxBuffer: 64 * 1024 * 1024,
    });
  } catch (error) {
    const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string };
    throw new Error(`${stdout}${stderr}`.trim() || String(error), { cause: error });
  }
}

/** Every file of a built site, by its path in it. */
export async function siteFiles(target: string): Promise<string[]> {
  const entries = await readdir(target, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(target.length + 1));
}
