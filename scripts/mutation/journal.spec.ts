import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { workFolder } from '../../test/support/lib/temp-dir.js';
import { Journal } from './journal.js';
import { mutantsOf, type Mutant } from './mutants.js';

const root = workFolder('journal');
const path = join(root, '.data', 'journal.jsonl');
const [mutant] = mutantsOf('src/one.ts', 'a < b;') as [Mutant];

beforeEach(() => {
  mkdirSync(join(root, 'src'), { recursive: true });
  writeFileSync(join(root, 'src', 'one.ts'), 'a < b;');
});

describe('the journal of a sample', () => {
  it('knows in the next run who noticed a mutant', () => {
    const first = new Journal(path, root);
    expect(first.discoveryOf(mutant)).toBeUndefined();
    first.note(mutant, { by: 'compiler' });
    expect(new Journal(path, root).discoveryOf(mutant)).toEqual({ by: 'compiler' });
  });

  it('forgets what it knew of a source that has changed', () => {
    new Journal(path, root).note(mutant, { by: 'compiler' });
    writeFileSync(join(root, 'src', 'one.ts'), 'a < b; // changed');
    expect(new Journal(path, root).discoveryOf(mutant)).toBeUndefined();
  });
});
