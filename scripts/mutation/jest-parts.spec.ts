import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { removeFolders, workFolder } from '../../test/support/lib/temp-dir.js';
import { startProgram } from '../start/program.js';

const here = (name: string): string => join(import.meta.dirname, name);

afterAll(removeFolders);

it('jest begins with the file nearest to the mutant, stops at its first failure and says which it was', async () => {
  const folder = workFolder('jest-parts');
  const write = (name: string, text: string): void => writeFileSync(join(folder, name), text);
  const mark = (name: string): string =>
    `require('fs').writeFileSync(${JSON.stringify(join(folder, name))}, '');`;
  write('a.spec.cjs', `test('unrelated', () => { ${mark('unrelated')} });`);
  write(
    'z.spec.cjs',
    `// share of the slots
     describe('shares', () => { test('fail', () => { throw new Error('x'); }); test('later', () => { ${mark('later')} }); });`,
  );
  const report = join(folder, 'report.json');
  const jest = startProgram(
    process.execPath,
    [
      ...['node_modules/jest/bin/jest.js', '--runInBand', '--bail', `--rootDir=${folder}`],
      ...['--config', JSON.stringify({ testMatch: ['<rootDir>/*.spec.cjs'], transform: {} })],
      `--env=${here('failing-fast.environment.mjs')}`,
      `--testSequencer=${here('nearest-first.mjs')}`,
      `--reporters=${here('failure-reporter.mjs')}`,
    ],
    { env: { MUTATED_SOURCE: 'src/lib/share.ts', FAILURE_REPORT: report } },
  );
  expect([await jest.exited, jest.output()]).toEqual([1, expect.any(String)]);
  const { spec, title } = JSON.parse(readFileSync(report, 'utf8')) as { spec: string; title: string };
  expect([spec.endsWith('z.spec.cjs'), title]).toEqual([true, 'shares fail']);
  expect(['unrelated', 'later'].filter((name) => existsSync(join(folder, name)))).toEqual([]);
});
