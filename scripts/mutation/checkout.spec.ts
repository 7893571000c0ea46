import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { removeFolders, workFolder } from '../../test/support/lib/temp-dir.js';
import { MutantCheckout } from './checkout.js';
import { mutantsOf, type Mutant } from './mutants.js';

const SOURCE = 'export const isLess = (a: number): boolean => a < 1;\n';
const BUILT = 'export const isLess = (a) => a < 1;\n';
const [mutant] = mutantsOf('src/one.ts', SOURCE) as [Mutant];
/** Does what jest does with the reporter where a test fails. */
const FAILING = `
  const failure = { spec: 'src/one.spec.ts', title: 'this one fails' };
  require('node:fs').writeFileSync(process.env.FAILURE_REPORT, JSON.stringify(failure));
  process.exit(1);`;

/** @param jest program in its place */
function checkoutWith(jest: string): MutantCheckout {
  const root = workFolder('checkout');
  for (const folder of ['.cache', 'dist', 'src', 'node_modules/jest/bin'])
    mkdirSync(join(root, folder), { recursive: true });
  writeFileSync(
    join(root, 'tsconfig.json'),
    '{ "compilerOptions": { "target": "es2024", "module": "nodenext" } }',
  );
  writeFileSync(join(root, 'package.json'), '{ "type": "module" }');
  writeFileSync(join(root, 'src/one.ts'), SOURCE);
  writeFileSync(join(root, 'dist/one.js'), BUILT);
  writeFileSync(join(root, 'node_modules/.package-lock.json'), '{}');
  writeFileSync(join(root, 'node_modules/package.json'), '{ "type": "commonjs" }');
  writeFileSync(join(root, 'node_modules/jest/bin/jest.js'), jest);
  return new MutantCheckout(root);
}
const failureOf = (jest: string, timeoutMs = 60_000): Promise<unknown> =>
  checkoutWith(jest).failure(['src'], 'src/one.ts', timeoutMs);

afterAll(removeFolders);

describe('a run of tests on a mutant', () => {
  it('names the test that fails', async () => {
    expect(await failureOf(FAILING)).toEqual({ spec: 'src/one.spec.ts', title: 'this one fails' });
    expect(await failureOf('process.exit(0)')).toBeUndefined();
  });

  it('that does not come to an end is a failure of no test', async () => {
    expect(await failureOf('setInterval(() => {}, 1000)', 300)).toEqual({
      spec: undefined,
      title: 'did not end',
    });
  });

  it('that could not begin is an error, and no discovery', async () => {
    await expect(failureOf('console.log("unknown option"); process.exit(1)')).rejects.toThrow(
      'unknown option',
    );
  });

  it('is no discovery where it failed because packages were being installed', async () => {
    const npm = `require('node:fs').rmSync('node_modules/.package-lock.json'); ${FAILING}`;
    await expect(failureOf(npm)).rejects.toThrow('node_modules was installed again');
  });
});

describe('a mutant', () => {
  it('stands in the sources and in what was built from them while work goes on, and then no more', async () => {
    const checkout = checkoutWith('');
    const texts = (): string[] =>
      ['src/one.ts', 'dist/one.js'].map((path) => readFileSync(join(checkout.folder, path), 'utf8'));
    const during = await checkout.with(mutant, () => Promise.resolve(texts()));
    expect(during).toEqual([SOURCE.replace('<', '<='), BUILT.replace('<', '<=')]);
    expect(texts()).toEqual([SOURCE, BUILT]);
    await expect(checkout.with(mutant, () => Promise.reject(new Error('work')))).rejects.toThrow('work');
    expect(texts()).toEqual([SOURCE, BUILT]);
  });
});
