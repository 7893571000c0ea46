import { createHash } from 'node:crypto';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { runProgram } from '../../test/support/programs/child-program.ts';
import type { DockerEngine } from './docker-engine.ts';

const RECIPE = join(import.meta.dirname, 'bases');
const ROOT = join(import.meta.dirname, '../..');
const CA_BUNDLE = '/etc/ssl/certs/ca-certificates.crt';
const DEBIAN = 'debian:bookworm-slim';
/** Target of the recipe → the image whose name it gets; docker/ names each of them. */
const IMAGES: Readonly<Record<string, string>> = {
  node: 'node:24-bookworm-slim',
  python: 'python:3.12-slim-bookworm',
  redis: 'redis:8-alpine',
  postgres: 'postgres:18-alpine',
  prometheus: 'prom/prometheus:v3.5.0',
  caddy: 'caddy:2-alpine',
};

/** A minimal Debian as a folder, which the base images start from. Needs no engine. */
export async function makeDebian(folder: string): Promise<string> {
  const rootfs = join(folder, 'debian');
  if (existsSync(archive())) return rootfs;
  const args = ['--variant=minbase', '--include=ca-certificates', 'bookworm', rootfs];
  await runProgram('debootstrap', args, {
    timeoutMs: 400_000,
    logFile: join(folder, 'debootstrap.log'),
    // A proxy is named there.
    env: process.env,
  });
  rmSync(join(rootfs, 'var/cache/apt/archives'), { recursive: true });
  cpSync(CA_BUNDLE, join(rootfs, CA_BUNDLE.slice(1)), { force: true });
  return rootfs;
}

/** Gives the engine all base images, made from `rootfs` or kept since an earlier run. */
export async function provideBases(engine: DockerEngine, folder: string, rootfs: string): Promise<void> {
  if (existsSync(archive())) {
    await engine.docker(['load', '--input', archive()]);
    return;
  }
  const tar = join(folder, 'debian.tar');
  await runProgram('tar', ['-C', rootfs, '-cf', tar, '.'], { timeoutMs: 120_000 });
  // Behind a proxy with an authority of its own, package managers know it by these variables.
  const changes = Object.entries(process.env)
    .filter(([, value]) => value === CA_BUNDLE)
    .flatMap(([name, value]) => ['--change', `ENV ${name}=${value}`]);
  await engine.docker(['import', ...changes, tar, DEBIAN]);
  rmSync(tar);
  const context = prepareContext(folder);
  for (const [target, image] of Object.entries(IMAGES))
    await engine.docker([
      ...['build', '--quiet', '--network', 'host', '--build-arg', `BASE=${DEBIAN}`],
      ...['--target', target, '--tag', image, context],
    ]);
  await keep(engine);
}

function prepareContext(folder: string): string {
  const context = join(folder, 'bases');
  cpSync(RECIPE, context, { recursive: true });
  cpSync(process.execPath, join(context, 'node'));
  cpSync(npmFolder(), join(context, 'npm'), { recursive: true });
  return context;
}

/** The npm that belongs to some Node of this machine. */
function npmFolder(): string {
  for (const folder of (process.env['PATH'] ?? '').split(':')) {
    const npm = join(folder, 'npm');
    if (existsSync(npm)) return dirname(dirname(realpathSync(npm)));
  }
  throw new Error('npm is not on the PATH');
}

/** Later runs on this machine need not make them again. */
async function keep(engine: DockerEngine): Promise<void> {
  mkdirSync(dirname(archive()), { recursive: true });
  const partial = `${archive()}.partial`;
  await engine.docker(['save', '--output', partial, DEBIAN, ...Object.values(IMAGES)]);
  renameSync(partial, archive());
}

/** Named by what it was made from. */
function archive(): string {
  const hash = createHash('sha256').update(JSON.stringify([IMAGES, process.version]));
  for (const name of readdirSync(RECIPE).sort()) hash.update(readFileSync(join(RECIPE, name)));
  hash.update(readFileSync(import.meta.filename));
  return join(ROOT, '.cache/engine', `bases-${hash.digest('hex').slice(0, 16)}.tar`);
}
