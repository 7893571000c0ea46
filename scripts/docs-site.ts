/**
 * Builds the documentation site, from docs/ and the pages of the root folder, into dist-docs/:
 *
 *     npm run docs:site [-- <output folder>]
 */
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildDocsSite } from './docs-site/build.ts';

const root = fileURLToPath(new URL('..', import.meta.url)).replace(/\/$/, '');
const target = resolve(process.argv[2] ?? join(root, 'dist-docs'));
try {
  await buildDocsSite(root, target);
  console.log(
    `Built ${target}: any server of static files shows it, such as python3 -m http.server -d ${target}`,
  );
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
}
