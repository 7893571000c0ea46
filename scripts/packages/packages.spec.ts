import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { tempDir, type TempDir } from '../../test/support/lib/temp-dir.ts';
import { closureOf } from './closure.ts';
import { publishedLock } from './lock.ts';
import { packageReadme } from './readme.ts';

describe('what a program needs of a build', () => {
  let dir: TempDir;
  beforeEach(async () => (dir = await tempDir('closure')));
  afterEach(() => dir.remove());

  it('is every file that it reaches, and the packages that they import', () => {
    const write = (path: string, text: string): void => {
      mkdirSync(dirname(join(dir.path, path)), { recursive: true });
      writeFileSync(join(dir.path, path), text);
    };
    write('a/main.js', "import { x } from '../b/x.js';\nimport '@scope/one/part';\nimport 'node:fs';\n");
    write(
      'b/x.js',
      "export * from './y.js';\nexport const x = () => import('two');\nconst no = \"from 'three'\";\n",
    );
    write('b/y.js', "import table from './table.json' with { type: 'json' };\n");
    write('b/table.json', '{}');
    write('b/other.js', "import 'four';\n");
    expect(closureOf(dir.path, ['a/main.js'])).toEqual({
      files: ['a/main.js', 'b/table.json', 'b/x.js', 'b/y.js'],
      packages: ['@scope/one', 'two'],
    });
  });
});

describe('the lock file of a published program', () => {
  const lock = {
    lockfileVersion: 3,
    packages: {
      '': { version: '1.0.0' },
      'node_modules/a': { version: '1.0.0', dependencies: { c: '^2' } },
      'node_modules/a/node_modules/c': { version: '2.0.0' },
      'node_modules/b': { version: '1.0.0', dev: true, dependencies: { c: '^1' } },
      'node_modules/c': { version: '1.0.0' },
      'node_modules/d': { version: '1.0.0', peerDependencies: { e: '*' }, optionalDependencies: { f: '*' } },
      'node_modules/e': { version: '1.0.0' },
    },
  };
  const manifest = { name: 'p', version: '3.0.0', dependencies: { a: '1.0.0', d: '1.0.0' } };

  it('has what the program needs, each where Node finds it, and nothing of those who build it', () => {
    const { packages } = publishedLock(lock, manifest);
    expect(packages['']).toEqual(manifest);
    expect(Object.keys(packages).slice(1)).toEqual([
      'node_modules/a',
      'node_modules/a/node_modules/c',
      'node_modules/d',
      'node_modules/e',
    ]);
  });
});

describe('the README of a package', () => {
  it('links to nothing that is not in it, and keeps what leads elsewhere', () =>
    expect(
      packageReadme(
        'See [errors](errors.md#a), ![p](images/p.png), [RFC](https://www.rfc-editor.org/rfc/rfc9457) and [below](#below).\n\n<!-- run: user -->\n\n```ts\nconst a = "[x](y.md)";\n```\n',
      ),
    ).toBe(
      'See errors, p, [RFC](https://www.rfc-editor.org/rfc/rfc9457) and [below](#below).\n\n```ts\nconst a = "[x](y.md)";\n```\n',
    ));
});
