import { mkdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';

const OWNER_ONLY = 0o700;

/**
 * Makes a folder and those above it. Not `mkdir` with `recursive`: where the system says ENOENT of a folder that
 * cannot be made, as under /proc, that tries again for ever.
 */
export async function makeFolders(path: string): Promise<void> {
  if (await isFolder(path)) return;
  const above = dirname(path);
  if (above !== path) await makeFolders(above);
  try {
    await mkdir(path, { mode: OWNER_ONLY });
  } catch (error) {
    // Another command may have been faster.
    if (!(await isFolder(path))) throw error;
  }
}

async function isFolder(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isDirectory() ?? false;
}
