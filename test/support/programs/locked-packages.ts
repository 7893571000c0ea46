import { readFile } from 'node:fs/promises';

/** Folders of the packages that a lock file has at the top, such as `node_modules/@nestjs/core`. */
export async function lockedPackages(lockFile: string): Promise<{ path: string; dev: boolean }[]> {
  const { packages } = JSON.parse(await readFile(lockFile, 'utf8')) as {
    packages: Record<string, { dev?: boolean }>;
  };
  return Object.entries(packages)
    .filter(([path]) => /^node_modules\/(?:@[^/]+\/)?[^/]+$/.test(path))
    .map(([path, { dev = false }]) => ({ path, dev }));
}
