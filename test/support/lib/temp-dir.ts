import { mkdtempSync, rmSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A folder of one test. */
export interface TempDir {
  readonly path: string;
  remove(): Promise<void>;
}

const REMOVAL = { recursive: true, force: true, maxRetries: 5 } as const;
const folders = new Set<string>();

/** Makes an empty folder with mode 700; `remove` takes it away with all it holds. */
export async function tempDir(name = 'test'): Promise<TempDir> {
  const path = workFolder(name);
  return {
    path,
    async remove() {
      await rm(path, REMOVAL);
      folders.delete(path);
    },
  };
}

/** Such a folder that stays until `removeFolders`. */
export function workFolder(name: string): string {
  const path = mkdtempSync(join(tmpdir(), `mlflow-gateway-${name}-`));
  folders.add(path);
  return path;
}

/** Removes all that are left. Synchronous: it also serves a process that is exiting. */
export function removeFolders(): void {
  for (const path of folders) rmSync(path, REMOVAL);
  folders.clear();
}
