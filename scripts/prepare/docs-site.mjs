import { copyFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { whenLate } from './log.mjs';
import { isInstalled, npmCi } from './node-modules.mjs';
import { slowly } from './say.mjs';

/**
 * Installs what builds the documentation site into `.cache/docs-site/`, unless it is there. It has a lock file of its own:
 * nobody needs its packages to run or to test the programs.
 *
 * @param {string} root folder of the checkout
 */
export async function installDocsSite(root) {
  const folder = join(root, '.cache', 'docs-site');
  mkdirSync(folder, { recursive: true });
  for (const file of ['package.json', 'package-lock.json'])
    copyFileSync(join(root, 'docs', 'site', file), join(folder, file));
  copyFileSync(join(root, '.npmrc'), join(folder, '.npmrc'));
  if (isInstalled(folder)) return;
  await slowly(
    'Installing what builds the documentation site (a quarter of a minute)',
    () => npmCi(root, folder),
    whenLate(root, 60),
  );
}
