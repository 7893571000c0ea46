import type { Failure } from './checkout.js';
import { Judge } from './judge.js';
import { mutantsOf, type Mutant } from './mutants.js';

const [mutant] = mutantsOf('src/lib/share.ts', 'a < b;') as [Mutant];
const INTEGRATION = 'test/integration/rate-limit/gateway.spec.ts';

/** @param failing tests that fail, `always` or with the mutant in place; jest stops at the first of them */
function judgeWith(
  failing: Record<string, 'always' | 'mutant'>,
  compilerFails = false,
): { judge: Judge; asked: string[][] } {
  let isIn = false;
  const asked: string[][] = [];
  const checkout = {
    folder: process.cwd(),
    async with<T>(_mutant: Mutant, work: () => Promise<T>): Promise<T> {
      isIn = true;
      return work().finally(() => (isIn = false));
    },
    failure(args: readonly string[]): Promise<Failure | undefined> {
      asked.push([...args]);
      const runs = (spec: string): boolean =>
        (spec.startsWith('src/') ? args.includes('unit') || args.includes(spec) : args.includes(spec)) &&
        !args.includes(`--testPathIgnorePatterns=${spec}`);
      const spec = Object.keys(failing).find((path) => runs(path) && (isIn || failing[path] === 'always'));
      return Promise.resolve(spec === undefined ? undefined : { spec, title: 'a guarantee' });
    },
  };
  return { judge: new Judge(checkout, { fails: () => compilerFails }, true), asked };
}

describe('a mutant', () => {
  it('is noticed by the compiler before any test runs', async () => {
    const { judge, asked } = judgeWith({}, true);
    expect(await judge.discoveryOf(mutant)).toEqual({ by: 'compiler' });
    expect(asked).toEqual([]);
  });

  it('is noticed by a unit test, and then no other test runs', async () => {
    const { judge, asked } = judgeWith({ 'src/lib/share.spec.ts': 'mutant', [INTEGRATION]: 'mutant' });
    expect(await judge.discoveryOf(mutant)).toEqual({
      by: 'unit tests',
      test: 'src/lib/share.spec.ts: a guarantee',
    });
    expect(asked.flat()).not.toContain(INTEGRATION);
  });

  it('is not noticed by a test that fails without it as well, but by one after that', async () => {
    const { judge } = judgeWith({ 'src/one.spec.ts': 'always', 'src/two.spec.ts': 'mutant' });
    expect(await judge.discoveryOf(mutant)).toMatchObject({ test: 'src/two.spec.ts: a guarantee' });
  });

  it('is noticed by nobody where all tests pass', async () => {
    expect(await judgeWith({}).judge.discoveryOf(mutant)).toBeUndefined();
  });
});
