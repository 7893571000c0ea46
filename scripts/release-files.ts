/**
 * Writes what a release publishes beside the packages themselves, and signs it:
 * `npm run release:files -- <folder> [--key <SSH key> --signers <allowed signers>]`. Packages are taken from dist-packages/.
 * An `images.txt` in the folder, one `name@sha256:…` a line, is signed with the rest.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { sbomOf, sbomOfImages, type Sbom } from './release/sbom.ts';
import { CHECKSUMS, sign, verify, writeChecksums } from './release/signature.ts';
import { runProgram } from './start/program.ts';

const root = join(import.meta.dirname, '..');
const USAGE = 'Usage: npm run release:files -- <folder> [--key <SSH key> --signers <allowed signers>]';
const IMAGE = /^[\w./:-]+@sha256:[0-9a-f]{64}$/;

const options = {
  key: { type: 'string' },
  signers: { type: 'string' },
  packages: { type: 'string' },
} as const;
const { values, positionals } = parseArgs({ options, allowPositionals: true });
const [folder = ''] = positionals;
// npm takes a relative path of two names for a repository.
const packages = resolve(values.packages ?? join(root, 'dist-packages'));

const problem = problemOfCall();
if (problem !== undefined) {
  console.error(`${problem}\n${USAGE}`);
  process.exit(2);
}
mkdirSync(folder, { recursive: true });
for (const name of readdirSync(packages)) {
  const args = ['pack', join(packages, name), '--silent', '--pack-destination', resolve(folder)];
  const file = (await runProgram('npm', args, { env: process.env })).trim();
  writeSbom(await sbomOf(join(packages, name), root), file.replace(/\.tgz$/, '.cdx.json'));
}
// The images hold what the lock file says: `npm run deploy:engine` looks into them.
writeSbom(await sbomOfImages(root), 'images.cdx.json');
writeChecksums(folder);
if (values.key !== undefined && values.signers !== undefined) {
  await sign(folder, values.key);
  await verify(folder, values.signers);
}
console.log(readFileSync(join(folder, CHECKSUMS), 'utf8').trimEnd());
console.log(values.key === undefined ? 'Not signed: no --key.' : 'Signed, and checked.');

function writeSbom(sbom: Sbom, name: string): void {
  writeFileSync(join(folder, name), `${JSON.stringify(sbom, null, 2)}\n`);
}

function problemOfCall(): string | undefined {
  if (positionals.length !== 1) return 'It needs one folder.';
  if ((values.key === undefined) !== (values.signers === undefined))
    return '--key and --signers go together: a signature is checked at once.';
  if (!existsSync(packages)) return 'There are no packages: run npm run build:packages first.';
  const images = join(folder, 'images.txt');
  const lines = existsSync(images) ? readFileSync(images, 'utf8').trimEnd().split('\n') : [];
  const wrong = lines.find((line) => !IMAGE.test(line));
  return wrong === undefined ? undefined : `images.txt: "${wrong}" is not name@sha256:digest.`;
}
