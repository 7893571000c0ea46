import { cpSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '../..');

/** What the builder of the images gets of a checkout, by .dockerignore. */
function sourcesOfImages(): string[] {
  const lines = readFileSync(join(ROOT, '.dockerignore'), 'utf8').split('\n');
  return lines.filter((line) => line.startsWith('!')).map((line) => line.slice(1));
}

/** Copies this checkout as far as images are built from it, without what an earlier use has left in it. */
export function copyCheckout(target: string, others: readonly string[] = []): void {
  const files = ['.dockerignore', 'docker/Dockerfile', 'docker/compose.yml'];
  for (const name of new Set([...sourcesOfImages(), ...files, ...others]))
    cpSync(join(ROOT, name), join(target, name), { recursive: true });
}

/** Version of this checkout, which is the tag of its images. */
export function version(): string {
  return (JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { version: string }).version;
}
