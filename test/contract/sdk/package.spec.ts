import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { publint } from 'publint';
import {
  packSdk,
  require,
  run,
  scriptsOf,
  typeCheck,
  typescriptBlocks,
  type PackedSdk,
} from '../../support/programs/packed-sdk.js';
import { isFullRun } from '../../support/run/full-run.js';

const CHECK = `
  const { experiments, mlflow } = createMock({ env: {} });
  const { experimentId } = await experiments.create('e');
  const run = await experiments.runs.start(experimentId);
  await experiments.artifacts.upload(run, 'a.txt', 'hello');
  const text = await (await experiments.artifacts.download(run, 'a.txt')).text();
  console.log(JSON.stringify({ text, isMock: mlflow.isMock, isError: new NotFoundError('x') instanceof Error }));
`;
const SEEN = { text: 'hello', isMock: true, isError: true };

let packed: PackedSdk;
beforeAll(async () => {
  packed = await packSdk();
}, 300_000);
afterAll(() => packed?.remove());

describe('the packed SDK, installed elsewhere', () => {
  it('has no dependencies and a size that is known and small', async () => {
    const manifest = JSON.parse(
      await readFile(join(packed.consumer, 'node_modules/@hokusai/mlflow-sdk/package.json'), 'utf8'),
    ) as Record<string, unknown>;
    expect(Object.keys(manifest).filter((key) => /dependencies/i.test(key))).toEqual([]);
    // Both module kinds with types, unminified; docs/sdk.md is its README, and states both sizes in KiB.
    const stated = [...(await readFile('docs/sdk.md', 'utf8')).matchAll(/(\d+) KiB/g)].map((parts) =>
      Number(parts[1]),
    );
    // A quarter either way: the sentence stays true, and a change of some lines does not touch the docs.
    for (const [index, bytes] of [packed.packedBytes, packed.unpackedBytes].entries())
      expect(Math.abs(bytes / 1024 / Number(stated[index]) - 1)).toBeLessThan(0.25);
    console.info(`packed ${packed.packedBytes} bytes, unpacked ${packed.unpackedBytes} bytes`);
  });

  it('runs by import()', async () => {
    const file = join(packed.consumer, 'by-import.mjs');
    await writeFile(file, `import { createMock, NotFoundError } from '@hokusai/mlflow-sdk';\n${CHECK}`);
    expect(JSON.parse((await run(process.execPath, [file])).stdout)).toEqual(SEEN);
  });

  it('runs by require()', async () => {
    const file = join(packed.consumer, 'by-require.cjs');
    await writeFile(
      file,
      `const { createMock, NotFoundError } = require('@hokusai/mlflow-sdk');\n(async () => {${CHECK}})();`,
    );
    expect(JSON.parse((await run(process.execPath, [file])).stdout)).toEqual(SEEN);
  });

  it('holds no import of Node and no name of its globals', async () => {
    for (const [path, text] of await scriptsOf(packed.built)) {
      const code = text.replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '');
      const imported = [...code.matchAll(/(?:from|require\(|import\()\s*['"]([^'"]+)['"]/g)].map(
        (parts) => parts[1],
      );
      expect([path, imported.filter((name) => !name?.startsWith('.'))]).toEqual([path, []]);
      expect([path, /(?<![.\w])(?:process|Buffer|__dirname)\b(?!['"?:])/.exec(code)?.[0]]).toEqual([
        path,
        undefined,
      ]);
    }
  });

  it('passes publint', async () => {
    expect((await publint({ pkgDir: packed.built, strict: true })).messages).toEqual([]);
  });

  it('has types that resolve for every kind of importer, says @arethetypeswrong/cli', async () => {
    const cli = join(require.resolve('@arethetypeswrong/cli/package.json'), '../dist/index.js');
    const { stdout } = await run(process.execPath, [cli, packed.tarball, '--format', 'json']);
    expect((JSON.parse(stdout) as { problems: unknown }).problems).toEqual({});
  });
});

describe('its documentation and types', () => {
  const NODE = { libs: ['dom', 'dom.iterable', 'dom.asynciterable'], types: ['node'] };
  const BROWSER = { libs: ['dom', 'dom.iterable', 'dom.asynciterable'], types: [] };
  const BARE = `import { createMock, MlflowError, type Run } from '@hokusai/mlflow-sdk';
    export async function first(): Promise<Run> { return createMock().experiments.runs.start('0'); }
    export const code = (error: MlflowError): string => error.errorCode;
    // @ts-expect-error a run has no such member
    export const wrong = (run: Run): unknown => run.nothing;`;

  /** A check by TypeScript 6 takes five times as long as one by TypeScript 7: usually it makes one of each kind of module. */
  const BOTH = ['typescript-native', 'typescript'] as const;
  const SEVEN = isFullRun ? BOTH : (['typescript-native'] as const);

  it('every example of docs/sdk.md type-checks', async () => {
    const examples = typescriptBlocks(await readFile('docs/sdk.md', 'utf8'));
    expect(examples.length).toBeGreaterThan(5);
    for (const compiler of SEVEN) {
      const check = {
        compiler,
        module: 'nodenext',
        moduleResolution: 'nodenext',
        extension: '.mts',
        ...NODE,
      };
      expect(await typeCheck(packed.consumer, examples, check)).toBe('');
    }
  });

  it.each([
    [
      'an ES module under node16',
      BOTH,
      { module: 'node16', moduleResolution: 'node16', extension: '.mts', ...BROWSER },
    ],
    [
      'CommonJS under node16',
      BOTH,
      { module: 'node16', moduleResolution: 'node16', extension: '.cts', ...BROWSER },
    ],
    ['a bundler', SEVEN, { module: 'esnext', moduleResolution: 'bundler', extension: '.ts', ...BROWSER }],
    [
      'Node without the DOM',
      SEVEN,
      { module: 'node16', moduleResolution: 'node16', extension: '.mts', libs: [], types: ['node'] },
    ],
  ])('types check for %s, library files included', async (_, compilers, check) => {
    for (const compiler of compilers)
      expect(await typeCheck(packed.consumer, [BARE], { compiler, ...check })).toBe('');
  });
});
