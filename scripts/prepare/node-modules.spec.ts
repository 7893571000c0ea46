import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isInstalled } from './node-modules.mjs';

describe('whether node_modules is what package-lock.json says', () => {
  let root: string;
  const lock = (packages: object): string => JSON.stringify({ packages });
  const wanted = {
    '': { name: 'root' },
    'node_modules/a': { version: '1.0.0', integrity: 'sha512-a' },
    'node_modules/only-elsewhere': { version: '1.0.0', optional: true },
  };

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'modules-'));
    mkdirSync(join(root, 'node_modules'));
    writeFileSync(join(root, 'package-lock.json'), lock(wanted));
  });

  afterEach(() => rmSync(root, { recursive: true }));

  const record = (packages: object): void =>
    writeFileSync(join(root, 'node_modules', '.package-lock.json'), lock(packages));

  it('is so where every package is there, other platforms’ aside', () => {
    record({ 'node_modules/a': wanted['node_modules/a'] });
    expect(isInstalled(root)).toBe(true);
  });

  it('is not so after an installation that was cut off', () => {
    expect(isInstalled(root)).toBe(false);
  });

  it.each([
    ['a missing package', {}],
    ['another version', { 'node_modules/a': { version: '1.0.1', integrity: 'sha512-a' } }],
    ['another content', { 'node_modules/a': { version: '1.0.0', integrity: 'sha512-b' } }],
  ])('is not so with %s', (_case, packages) => {
    record(packages);
    expect(isInstalled(root)).toBe(false);
  });

  it('is not so where the record cannot be read', () => {
    writeFileSync(join(root, 'node_modules', '.package-lock.json'), '{"packages": {');
    expect(isInstalled(root)).toBe(false);
  });
});
