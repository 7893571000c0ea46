import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { removeFolders, workFolder } from '../../test/support/lib/temp-dir.js';
import { Compiler } from './compiler.js';

const folder = workFolder('compiler');
const write = (path: string, text: string): void => writeFileSync(join(folder, path), text);

afterAll(removeFolders);

describe('a compiler that stays', () => {
  beforeAll(() => {
    mkdirSync(join(folder, 'src'));
    write(
      'tsconfig.json',
      // Of the libraries, the smallest: to check those of a browser takes most of two seconds.
      '{ "compilerOptions": { "strict": true, "noUnusedLocals": true, "types": [], "lib": ["es5"] }, "include": ["src"] }',
    );
    write('src/one.ts', 'export const one = 1;');
    write('src/two.ts', `import { one } from './one'; export const two: number = one;`);
  });

  it('finds a fault in a file that uses the changed one, and none once the change is taken back', () => {
    const compiler = new Compiler(folder);
    expect(compiler.fails()).toBe(false);
    write('src/one.ts', `export const one = 'a text';`);
    expect(compiler.fails()).toBe(true);
    write('src/one.ts', 'export const one = 1;');
    expect(compiler.fails()).toBe(false);
    write('src/one.ts', 'export const one = ;');
    expect(compiler.fails()).toBe(true);
  });

  it('takes a name that is used no more for no discovery', () => {
    write('src/one.ts', 'const unused = 2; export const one = 1;');
    expect(new Compiler(folder).fails()).toBe(false);
  });
});
