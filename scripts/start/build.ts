import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { compile } from '../compile.ts';
import { withLock } from '../prepare/lock.mjs';
import { StartError, slowly } from './terminal.ts';

const INPUTS = [
  'package-lock.json',
  'scripts/compile.ts',
  'scripts/console/build.ts',
  'tsconfig.json',
  'tsconfig.build.json',
];

/** Builds `dist/` unless it was built from these very sources. The stamp inside is written last. */
export async function buildIfStale(root: string): Promise<void> {
  const stampFile = join(root, 'dist', '.built-from');
  const stamp = sourceDigest(root);
  if (read(stampFile) === stamp) return;
  // Two at once would delete each other's dist/.
  await withLock(root, async () => {
    if (read(stampFile) === stamp) return;
    await slowly('Building (about 20 seconds)', () => build(root));
    writeFileSync(stampFile, stamp);
  });
}

/** A digest of everything that the build reads, by content: time stamps say nothing after a checkout. */
export function sourceDigest(root: string): string {
  const hash = createHash('sha256');
  const sources = readdirSync(join(root, 'src'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !/[.]spec[.]tsx?$/.test(entry.name))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)));
  for (const path of [...INPUTS, ...sources].sort())
    hash
      .update(path)
      .update('\0')
      .update(readFileSync(join(root, path)))
      .update('\0');
  return hash.digest('hex');
}

async function build(root: string): Promise<void> {
  await compile(root).catch((error: Error) => {
    throw new StartError(`The build failed:\n${error.message.trimEnd()}`);
  });
  // Needed only here, and not small.
  const { buildConsole } = await import('../console/build.ts');
  await buildConsole(root);
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
