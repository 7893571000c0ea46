import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runProgram } from '../../test/support/programs/child-program.ts';

const VERSION = 'v1.34.4';
const PROGRAMS = ['kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'kubelet', 'kube-proxy'];
const MODULE = 'k8s.io/kubernetes';
const BUILD_TIMEOUT_MS = 3_600_000;

/** Kubernetes as programs of their own, built from its Go module once on this machine: a quarter of an hour on two processors. */
export async function kubernetesPrograms(folder: string, cache: string): Promise<string> {
  const target = join(cache, VERSION);
  const missing = PROGRAMS.filter((name) => !existsSync(join(target, name)));
  if (missing.length === 0) return target;
  const source = join(folder, 'source');
  for (const path of [target, source]) mkdirSync(path, { recursive: true });
  const go = (args: readonly string[]): Promise<string> =>
    runProgram('go', args, {
      cwd: source,
      timeoutMs: BUILD_TIMEOUT_MS,
      env: { ...process.env, CGO_ENABLED: '0' },
    });
  await go(['mod', 'init', 'kubernetes']);
  const { GoMod } = JSON.parse(await go(['mod', 'download', '-json', `${MODULE}@${VERSION}`])) as {
    GoMod: string;
  };
  writeFileSync(join(source, 'go.mod'), moduleFile(readFileSync(GoMod, 'utf8')));
  const version = `-X k8s.io/component-base/version.gitVersion=${VERSION}`;
  for (const name of missing) {
    const partial = join(target, `${name}.partial`);
    await go([
      'build',
      '-mod=mod',
      '-trimpath',
      '-ldflags',
      `-s -w ${version}`,
      '-o',
      partial,
      `${MODULE}/cmd/${name}`,
    ]);
    renameSync(partial, join(target, name));
  }
  return target;
}

/** Kubernetes takes its parts from folders beside it; published, they have a version of their own. */
function moduleFile(ofKubernetes: string): string {
  const parts = [...ofKubernetes.matchAll(/^\t(\S+) => \.\/staging\//gm)].map(([, name]) => name);
  const published = VERSION.replace('v1.', 'v0.');
  return [
    'module kubernetes',
    'go 1.24.0',
    `require ${MODULE} ${VERSION}`,
    ...parts.map((name) => `replace ${name} => ${name} ${published}`),
    '',
  ].join('\n');
}
