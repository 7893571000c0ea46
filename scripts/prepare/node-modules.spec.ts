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
    'node_modules/@scope/b': { version: '2.0.0', integrity: 'sha512-b' },
    'node_modules/only-elsewhere': { version: '1.0.0', optional: true },
  };

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'modules-'));
    folder('a', '1.0.0');
    folder('@scope/b', '2.0.0');
    writeFileSync(join(root, 'package-lock.json'), lock(wanted));
  });

  afterEach(() => rmSync(root, { recursive: true }));

  const record = (packages: object): void =>
    writeFileSync(join(root, 'node_modules', '.package-lock.json'), lock(packages));

  function folder(name: string, version: string): void {
    mkdirSync(join(root, 'node_modules', name), { recursive: true });
    writeFileSync(join(root, 'node_modules', name, 'package.json'), JSON.stringify({ name, version }));
  }

  const { '': _root, 'node_modules/only-elsewhere': _other, ...whole } = wanted;

  it('is so where every package is there, other platforms’ aside', () => {
    record(whole);
    expect(isInstalled(root)).toBe(true);
  });

  it('is not so after an installation that was cut off', () => {
    expect(isInstalled(root)).toBe(false);
  });

  it.each([
    ['a missing package', {}],
    ['another version', { ...whole, 'node_modules/a': { version: '1.0.1', integrity: 'sha512-a' } }],
    ['another content', { ...whole, 'node_modules/a': { version: '1.0.0', integrity: 'sha512-b' } }],
  ])('is not so with %s', (_case, packages) => {
    record(packages);
    expect(isInstalled(root)).toBe(false);
  });

  it('is not so where a folder is missing, or has another version, whatever npm recorded', () => {
    record(whole);
    folder('@scope/b', '2.0.1');
    expect(isInstalled(root)).toBe(false);
    rmSync(join(root, 'node_modules', '@scope'), { recursive: true });
    expect(isInstalled(root)).toBe(false);
  });

  it('is not so where the record cannot be read', () => {
    writeFileSync(join(root, 'node_modules', '.package-lock.json'), '{"packages": {');
    expect(isInstalled(root)).toBe(false);
  });
});
