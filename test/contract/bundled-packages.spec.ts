import { execFile } from 'node:child_process';
import { mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { tempDir, type TempDir } from '../support/lib/temp-dir.js';

const BUNDLER = new URL('../support/run/bundled-packages.ts', import.meta.url).href;

/** Runs a program in Node itself, as Jest's configuration is, and returns what it gives. */
async function inNode<T>(program: string): Promise<T> {
  const source = `import { bundledModules, bundlesOf } from '${BUNDLER}';\n${program}`;
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', source]);
  return JSON.parse(stdout) as T;
}

/** Jest's tests load packages of others from bundles: docs/decisions/0052-packages-of-others-in-bundles.md. */
describe('bundles of packages', () => {
  it('each has the names that Node finds in the package, and no other', async () => {
    const names = await inNode<Record<string, [string[], string[]]>>(`
      const modules = bundledModules();
      const folder = await bundlesOf({ root: process.cwd(), modules });
      const namesOf = async (file) => Object.keys(await import(file)).filter((name) => name !== 'module.exports').sort();
      const names = {};
      for (const module of modules) names[module] = [await namesOf(module), await namesOf(folder + '/' + module + '.mjs')];
      console.log(JSON.stringify(names));`);
    const [, [inNest] = [[]]] = Object.entries(names).find(([module]) => module === '@nestjs/common') ?? [];
    expect(inNest).toContain('Injectable');
    for (const [module, [real, bundled]] of Object.entries(names))
      expect([module, bundled]).toEqual([module, real]);
  });

  describe('of a project', () => {
    let project: TempDir;
    beforeEach(async () => {
      project = await tempDir('bundles');
      await put('.package-lock.json', '{"version":1}');
      await put('esm/package.json', '{"name":"esm","type":"module","main":"index.js"}');
      await put(
        'esm/index.js',
        `export { Thing } from 'shared'; export { told } from 'told'; export default 'of esm';`,
      );
      await put('told/index.js', `exports.told = 'first';`);
      await put('cjs/package.json', '{"name":"cjs","main":"index.js"}');
      await put('cjs/index.js', `exports.Thing = require('shared').Thing; exports.static = 1;`);
      await put('shared/package.json', '{"name":"shared","main":"index.js"}');
      await put(
        'shared/index.js',
        `globalThis.runs = (globalThis.runs ?? 0) + 1; exports.Thing = class Thing {};`,
      );
    });
    afterEach(() => project.remove());

    async function put(file: string, content: string): Promise<void> {
      const path = join(project.path, 'node_modules', file);
      await mkdir(dirname(path), { recursive: true });
      await writeFile(path, content);
    }

    /** Value of an expression with the bundles `esm`, `cjs` and `shared`, and the folder they are in. */
    function bundled<T>(expression: string, root = project.path): Promise<T> {
      return inNode<T>(`
        const modules = ['esm', 'cjs', 'shared'];
        const folder = await bundlesOf({ root: ${JSON.stringify(root)}, modules });
        const [esm, cjs, shared] = await Promise.all(modules.map((name) => import(folder + '/' + name + '.mjs')));
        console.log(JSON.stringify(${expression}));`);
    }

    it('a module that two packages use runs once, and its classes are the same from each', async () => {
      // Bundling loads a package itself, for its names.
      await bundled('0');
      expect(
        await bundled(
          '[runs, esm.Thing === shared.Thing, cjs.Thing === shared.Thing, new cjs.Thing().constructor.name]',
        ),
      ).toEqual([1, true, true, 'Thing']);
    });

    it('the default of a module is that of Node', async () => {
      expect(await bundled('[esm.default, cjs.default.static, cjs.static]')).toEqual(['of esm', 1, 1]);
    });

    it('what is installed is bundled once, also when it is reached by a link', async () => {
      const when = '[folder, (await import("node:fs")).statSync(folder).ino]';
      const first = await bundled(when);
      expect(await bundled(when)).toEqual(first);
      await mkdir(join(project.path, 'copy'));
      await symlink(join(project.path, 'node_modules'), join(project.path, 'copy/node_modules'));
      expect(await bundled(when, join(project.path, 'copy'))).toEqual(first);
    });

    it.each<[string, Record<string, string>]>([
      [
        'a file of a package changes',
        { 'esm/index.js': `export const told = 'later', Thing = 1; export default 1;` },
      ],
      [
        'a package names another file',
        {
          'esm/other.js': `export const told = 'later', Thing = 1; export default 1;`,
          'esm/package.json': '{"name":"esm","type":"module","main":"other.js"}',
        },
      ],
      [
        'npm installs another version, in new files alone',
        {
          '.package-lock.json': '{"version":2}',
          'esm/node_modules/told/package.json': '{"name":"told","main":"index.js"}',
          'esm/node_modules/told/index.js': "exports.told = 'later';",
        },
      ],
    ])('they are made again when %s, and a run that has begun keeps its own', async (_what, files) => {
      const toldBy = '[esm.told, folder]';
      const [first, folder] = await bundled<string[]>(toldBy);
      for (const [file, content] of Object.entries(files)) await put(file, content);
      const [later] = await bundled<string[]>(toldBy);
      const [kept] = await inNode<string[]>(
        `console.log(JSON.stringify([(await import('${folder}/esm.mjs')).told]))`,
      );
      expect([first, later, kept]).toEqual(['first', 'later', 'first']);
    });

    it('a package that is gone is told, and not taken from an old bundle', async () => {
      await bundled('esm.told');
      await rm(join(project.path, 'node_modules/shared'), { recursive: true });
      await expect(bundled('esm.told')).rejects.toThrow(/Could not resolve "shared"/);
    });
  });
});
