import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { publishedLock, type Lock } from '../packages/lock.ts';
import { runProgram } from '../start/program.ts';

/** What of CycloneDX 1.5 (ECMA-424) is read and changed here. */
export interface Sbom {
  specVersion: string;
  metadata: { component: Component };
  components: Component[];
}

interface Component {
  name: string;
  version: string;
  purl: string;
  licenses?: { license: { id: string } }[];
  hashes?: { alg: string; content: string }[];
}

interface Manifest {
  name: string;
  version: string;
  dependencies: Record<string, string>;
  /** As manifests had it before npm 2. */
  licenses?: { type: string }[];
}

/**
 * What a package brings with it where it is installed, by npm from its lock file.
 *
 * @param folder with a package.json, and a lock file where the package needs others
 * @param root of the project, in whose node_modules a licence is looked up that the lock file does not name
 */
export async function sbomOf(folder: string, root: string): Promise<Sbom> {
  const hasLock = ['package-lock.json', 'npm-shrinkwrap.json'].some((name) => existsSync(join(folder, name)));
  const args = ['sbom', '--sbom-format', 'cyclonedx', '--omit', 'dev'];
  const output = await runProgram('npm', [...args, ...(hasLock ? ['--package-lock-only'] : [])], {
    cwd: folder,
    env: process.env,
  });
  const sbom = JSON.parse(output) as Sbom;
  // npm takes the name of the folder.
  sbom.metadata.component.name = manifestOf(folder)?.name ?? sbom.metadata.component.name;
  for (const component of sbom.components) component.licenses ??= licencesOf(root, component.name);
  return sbom;
}

/**
 * The same for the images, which hold what the project's lock file has for production. Of a lock file that has packages for
 * development, too, npm 11 leaves out what one of them also wants as a peer: two thirds of all.
 */
export async function sbomOfImages(root: string): Promise<Sbom> {
  const { name, version, dependencies } = JSON.parse(
    readFileSync(join(root, 'package.json'), 'utf8'),
  ) as Manifest;
  const manifest = { name, version, dependencies };
  const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as Lock;
  const folder = mkdtempSync(join(tmpdir(), 'mlflow-gateway-sbom-'));
  try {
    writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest));
    writeFileSync(join(folder, 'package-lock.json'), JSON.stringify(publishedLock(lock, manifest)));
    return await sbomOf(folder, root);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function licencesOf(root: string, name: string): { license: { id: string } }[] {
  const types = manifestOf(join(root, 'node_modules', name))?.licenses ?? [];
  return types.map(({ type }) => ({ license: { id: type } }));
}

function manifestOf(folder: string): Manifest | undefined {
  const path = join(folder, 'package.json');
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as Manifest) : undefined;
}
