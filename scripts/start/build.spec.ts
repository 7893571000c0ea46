import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sourceDigest } from './build.ts';

describe('whether dist/ is stale', () => {
  let root: string;
  const write = (path: string, text: string): void => writeFileSync(join(root, path), text);

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'build-'));
    for (const folder of ['src/lib', 'scripts/console']) mkdirSync(join(root, folder), { recursive: true });
    for (const file of [
      'package-lock.json',
      'scripts/compile.ts',
      'scripts/console/build.ts',
      'tsconfig.json',
      'tsconfig.build.json',
    ])
      write(file, '{}');
    write('src/lib/table.json', '[]');
    write('src/lib/shown.page.tsx', 'page');
    write('src/lib/style.css', 'style');
    write('src/main.ts', 'one');
    write('src/lib/tool.ts', 'two');
  });

  afterEach(() => rmSync(root, { recursive: true }));

  it('is judged by content, not by time', () => {
    const before = sourceDigest(root);
    utimesSync(join(root, 'src/main.ts'), 0, 0);
    expect(sourceDigest(root)).toBe(before);
  });

  it.each([
    'src/main.ts',
    'src/lib/tool.ts',
    'src/lib/table.json',
    'src/lib/shown.page.tsx',
    'src/lib/style.css',
    'scripts/compile.ts',
    'scripts/console/build.ts',
    'tsconfig.build.json',
    'package-lock.json',
  ])('follows from a change of %s', (file) => {
    const before = sourceDigest(root);
    write(file, 'changed');
    expect(sourceDigest(root)).not.toBe(before);
  });

  it('follows from a renamed file', () => {
    const before = sourceDigest(root);
    rmSync(join(root, 'src/lib/tool.ts'));
    write('src/lib/other.ts', 'two');
    expect(sourceDigest(root)).not.toBe(before);
  });

  it('does not follow from a change of a test', () => {
    const before = sourceDigest(root);
    write('src/lib/tool.spec.ts', 'test');
    expect(sourceDigest(root)).toBe(before);
  });
});
