import { globSync } from 'node:fs';
import { posix } from 'node:path';

/** Pages of the repository that stand outside `docs/`, and where the site has them. */
const PAGES_ELSEWHERE: Readonly<Record<string, string>> = {
  'SECURITY.md': 'security-policy.md',
  'CHANGELOG.md': 'changelog.md',
  'UPGRADING.md': 'upgrading.md',
  'CONTRIBUTING.md': 'contributing.md',
  'bench/README.md': 'benchmarks.md',
  'examples/README.md': 'examples/index.md',
  'examples/compose/README.md': 'examples/compose.md',
  'examples/nginx/README.md': 'examples/nginx.md',
};

/** Folders that pages link to, and what the site shows for them. */
const FOLDERS: Readonly<Record<string, string>> = {
  'docs/decisions': 'decisions/index.md',
  examples: 'examples/index.md',
  'examples/compose': 'examples/compose.md',
  'examples/nginx': 'examples/nginx.md',
};

/** Where the site has the API reference of the SDK, which is generated when the site is built. */
export const SDK_API_FOLDER = 'sdk-api';

/** @returns the site's path of every page, by its path in the repository */
export function sitePages(root: string): Map<string, string> {
  const inDocs = globSync('docs/**/*.md', { cwd: root, exclude: ['docs/site'] }).sort();
  return new Map([
    ...inDocs.map((path): [string, string] => [path, posix.relative('docs', path)]),
    ...Object.entries(PAGES_ELSEWHERE),
  ]);
}

/** @returns the site's address of a page or a folder of the repository, or undefined where it has none */
export function siteAddress(path: string, pages: ReadonlyMap<string, string>): string | undefined {
  if (path === 'README.md') return '/';
  const page = pages.get(path) ?? FOLDERS[path.replace(/\/$/, '')];
  return page && `/${page.replace(/(?:^|(?<=\/))index\.md$/, '').replace(/\.md$/, '')}`;
}
