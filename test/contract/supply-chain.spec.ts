import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildConsole } from '../../scripts/console/build.ts';

interface Locked {
  version?: string;
  dev?: boolean;
  optional?: boolean;
  link?: boolean;
  integrity?: string;
  resolved?: string;
  license?: string;
  /** As manifests had it before npm 2. */
  licenses?: { type: string }[];
}

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const { packages } = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')) as {
  packages: Record<string, Locked>;
};
const locked = Object.entries(packages).filter(([path]) => path !== '');
const shipped = locked.filter(([, { dev }]) => dev !== true);

/** What may be shipped with the images. A new one is a decision, and a line here. */
const LICENCES: readonly string[] = [
  '0BSD',
  'Apache-2.0',
  'BlueOak-1.0.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'ISC',
  'MIT',
];

/** All that hold, of the package's own manifest where the lock file does not say it. */
function licencesOf(path: string, { license }: Locked): string[] {
  const manifest = join(ROOT, path, 'package.json');
  const own = existsSync(manifest) ? (JSON.parse(readFileSync(manifest, 'utf8')) as Locked) : {};
  const text = license ?? own.license ?? own.licenses?.map(({ type }) => type).join(' AND ') ?? 'unknown';
  return text.replace(/^\((.*)\)$/, '$1').split(' AND ');
}

describe('the packages of npm', () => {
  it('that are shipped have a licence of the list', () => {
    expect(shipped.length).toBeGreaterThan(100);
    const others = shipped
      .flatMap(([path, entry]) => licencesOf(path, entry).map((licence) => ({ path, licence })))
      .filter(({ licence }) => !LICENCES.includes(licence));
    expect(others).toEqual([]);
  });

  it('that browsers get, bundled, have one too, and bring their terms along', async () => {
    const root = mkdtempSync(join(tmpdir(), 'console-'));
    try {
      const bundled = await buildConsole(ROOT, root);
      expect(bundled).toEqual(['uplot']);
      for (const name of bundled) {
        const path = `node_modules/${name}`;
        expect(LICENCES).toEqual(expect.arrayContaining(licencesOf(path, packages[path] ?? {})));
        expect(existsSync(join(root, `${name}.LICENSE.txt`))).toBe(true);
      }
    } finally {
      rmSync(root, { recursive: true });
    }
  });

  it('are each known by a hash of their content', () => {
    const without = locked.filter(
      ([, { integrity, link }]) => link !== true && !/^sha512-/.test(integrity ?? ''),
    );
    expect(without.map(([path]) => path)).toEqual([]);
  });

  it('come from the registry that npm is set to, and not from an address in the lock file', () => {
    expect(locked.filter(([, { resolved, link }]) => link !== true && resolved !== undefined)).toEqual([]);
  });

  it('are named by their exact version where the product needs them', () => {
    const { dependencies } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
      dependencies: Record<string, string>;
    };
    for (const version of Object.values(dependencies)) expect(version).toMatch(/^\d+\.\d+\.\d+$/);
  });
});
