import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runProgram } from '../../test/support/programs/child-program.ts';
import { makeDebian, provideBases } from '../engine/bases.ts';
import { copyCheckout, version } from '../engine/checkout.ts';
import { composeProgram } from '../engine/compose-program.ts';
import { startEngine } from '../engine/docker-engine.ts';

const ROOT = join(import.meta.dirname, '../..');
const PROGRAMS = ['gateway', 'key-service'];
/** Builders reach the package registries as this machine does. */
const BUILD_NETWORK = PROGRAMS.map((name) => `  ${name}: { build: { network: host } }`).join('\n');
const BUILD_TIMEOUT_MS = 900_000;

/** Holds the namespaces of a pod. */
export const PAUSE_IMAGE = 'localhost/pause:1';
/** Of this checkout. */
export const VERSION = version();
/** The same programs by another name, as a next release has. */
export const NEXT_VERSION = `${VERSION}-next`;
const IMAGES = ['mlflow-gateway', 'mlflow-gateway-key-service'];
const PARTS = ['redis:8-alpine', 'postgres:18-alpine'];

/**
 * Builds the images of both servers in a container engine of its own.
 *
 * @returns archive with all images that the cluster needs
 */
export async function buildImages(folder: string): Promise<string> {
  const archive = join(folder, 'images.tar');
  const checkout = join(folder, 'checkout');
  copyCheckout(checkout);
  writeFileSync(join(checkout, 'docker/build.yml'), `services:\n${BUILD_NETWORK}\n`);
  const compose = await composeProgram(folder, join(ROOT, '.cache/engine'));
  const debian = await makeDebian(folder);
  const engine = await startEngine({ folder, networks: 'none' });
  try {
    await provideBases(engine, folder, debian);
    const files = ['-f', 'docker/compose.yml', '-f', 'docker/build.yml'];
    await runProgram(compose, [...files, 'build', ...PROGRAMS], {
      cwd: checkout,
      timeoutMs: BUILD_TIMEOUT_MS,
      env: { ...engine.env, DOCKER_BUILDKIT: '1' },
    });
    for (const name of IMAGES) await engine.docker(['tag', `${name}:${VERSION}`, `${name}:${NEXT_VERSION}`]);
    await buildPause(folder, engine.docker);
    const names = IMAGES.flatMap((name) => [`${name}:${VERSION}`, `${name}:${NEXT_VERSION}`]);
    const save = ['save', '--output', archive, PAUSE_IMAGE, ...PARTS, ...names];
    await engine.docker(save, { timeoutMs: BUILD_TIMEOUT_MS });
  } finally {
    await engine.stop();
  }
  return archive;
}

async function buildPause(
  folder: string,
  docker: (args: readonly string[]) => Promise<string>,
): Promise<void> {
  const context = join(folder, 'pause');
  mkdirSync(context);
  writeFileSync(join(context, 'Dockerfile'), 'FROM debian:bookworm-slim\nCMD ["sleep", "infinity"]\n');
  await docker(['build', '--quiet', '--network', 'host', '--tag', PAUSE_IMAGE, context]);
}
