import { appendFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Sbom } from '../../scripts/release/sbom.js';
import { builtPackages } from '../support/programs/built-packages.js';
import { startProgram } from '../support/programs/child-program.js';
import { blocksOf, ROOT } from '../support/docs/docs-blocks.js';
import { tempDir, type TempDir } from '../support/lib/temp-dir.js';

const PAGE = 'docs/supply-chain.md';
const blocks = blocksOf(PAGE).filter(({ fate }) => fate?.kind === 'run by');
const blockWith = (text: string): string => blocks.find(({ code }) => code.includes(text))?.code ?? 'false';
const CHECK = blockWith('ssh-keygen -Y verify');

describe(PAGE, () => {
  let dir: TempDir;
  let folder: string;
  let built: string;
  let version: string;

  /** In the folder of the release, as the page has it. */
  async function bash(script: string, cwd = folder): Promise<{ code: unknown; output: string }> {
    const program = startProgram('bash', ['--noprofile', '--norc', '-euc', script], { cwd });
    return { code: await program.exited, output: program.output() };
  }

  /** `npm run` finds its script in the project, and the paths of the page are those of the test. */
  const make = (script: string): Promise<{ code: unknown; output: string }> =>
    bash(
      script.replace(
        'npm run release:files --',
        `node "${ROOT}/scripts/release-files.ts" --packages "${built}"`,
      ),
      dir.path,
    );

  beforeAll(async () => {
    dir = await tempDir('release');
    folder = join(dir.path, 'release');
    mkdirSync(folder);
    ({ version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { version: string });
    writeFileSync(join(folder, 'images.txt'), `registry.example/mlflow-gateway@sha256:${'0'.repeat(64)}\n`);
    built = (await builtPackages()).folder;
    expect(await make(blockWith('ssh-keygen -q -t ed25519'))).toEqual({ code: 0, output: '' });
    const made = await make(blockWith('npm run release:files'));
    expect([made.code, made.output]).toEqual([0, expect.stringContaining('Signed, and checked.')]);
  }, 240_000);
  afterAll(() => dir?.remove());

  it('a release has a list of what is in it for each package and for the images, and a signature', () => {
    const names = ['hokusai-cli', 'hokusai-mlflow-sdk', 'mlflow-gateway'].map((name) => `${name}-${version}`);
    expect(readdirSync(folder).sort()).toEqual(
      [
        ...names.flatMap((name) => [`${name}.tgz`, `${name}.cdx.json`]),
        'SHA256SUMS',
        'SHA256SUMS.sig',
        'images.cdx.json',
        'images.txt',
      ].sort(),
    );
  });

  it.each([
    ['mlflow-gateway', () => join(built, 'mlflow-gateway/npm-shrinkwrap.json')],
    ['hokusai-cli', () => join(built, 'cli/npm-shrinkwrap.json')],
    ['images', () => join(ROOT, 'package-lock.json')],
  ])(
    'the list of %s names every package of its lock file, with licence and hash, and no others',
    (name, lock) => {
      const file = name === 'images' ? 'images.cdx.json' : `${name}-${version}.cdx.json`;
      const sbom = JSON.parse(readFileSync(join(folder, file), 'utf8')) as Sbom;
      expect(sbom.specVersion).toBe('1.5');
      const { packages } = JSON.parse(readFileSync(lock(), 'utf8')) as {
        packages: Record<string, { version: string; dev?: boolean }>;
      };
      const locked = Object.entries(packages)
        .filter(([path, { dev }]) => path !== '' && dev !== true)
        .map(([path, one]) => `${path.split('node_modules/').at(-1)}@${one.version}`);
      const listed = sbom.components.map((one) => `${one.name}@${one.version}`);
      expect(new Set(listed)).toEqual(new Set(locked));
      for (const { purl, licenses, hashes } of sbom.components) {
        expect(purl).toMatch(/^pkg:npm\//);
        expect([purl, (licenses ?? []).length > 0]).toEqual([purl, true]);
        expect([purl, hashes?.map(({ alg }) => alg)]).toEqual([purl, ['SHA-512']]);
      }
    },
  );

  it('the commands for users find it good', async () => {
    await bash('cp ../release-signers .');
    const { code, output } = await bash(CHECK);
    expect([code, output]).toEqual([0, expect.stringMatching(/^Good "mlflow-gateway-release" signature/)]);
    expect(output.match(/: OK$/gm)).toHaveLength(8);
  });

  describe('the commands for users refuse', () => {
    let copy: string;
    beforeEach(async () => {
      copy = join(dir.path, 'copy');
      await bash('rm -rf ../copy && cp -r . ../copy && cp ../release-signers ../copy');
    });

    it.each([
      ['a package that was changed', () => appendFileSync(join(copy, `mlflow-gateway-${version}.tgz`), 'x')],
      [
        'a digest of an image that was changed',
        () => writeFileSync(join(copy, 'images.txt'), 'x@sha256:1\n'),
      ],
      ['checksums that were changed', () => appendFileSync(join(copy, 'SHA256SUMS'), '\n')],
    ])('%s', async (_what, change) => {
      change();
      expect((await bash(CHECK, copy)).code).not.toBe(0);
    });

    it('the signature of another key, and one that was made for something else', async () => {
      const signed = (namespace: string, key: string): Promise<unknown> =>
        bash(`rm SHA256SUMS.sig && ssh-keygen -q -Y sign -f ${key} -n ${namespace} SHA256SUMS`, copy);
      await bash("ssh-keygen -q -t ed25519 -N '' -f other-key", copy);
      await signed('mlflow-gateway-release', 'other-key');
      expect((await bash(CHECK, copy)).code).not.toBe(0);
      await signed('git', '../release-key');
      expect((await bash(CHECK, copy)).code).not.toBe(0);
    });
  });

  it.each([
    ['release --key release-key', '--key and --signers go together'],
    ['', 'It needs one folder'],
    ['bad', 'is not name@sha256:digest'],
  ])('a call with "%s" is refused in one sentence', async (args, sentence) => {
    mkdirSync(join(dir.path, 'bad'), { recursive: true });
    writeFileSync(join(dir.path, 'bad/images.txt'), 'mlflow-gateway:latest\n');
    const { code, output } = await make(`npm run release:files -- ${args}`);
    expect([code, output]).toEqual([2, expect.stringContaining(sentence)]);
  });
});
