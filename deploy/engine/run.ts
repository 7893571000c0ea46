/**
 * `npm run deploy:engine`: builds the images, starts the compose files and holds them to their promises, in a container
 * engine of its own. Networks, packet filter rules and settings are those of a network namespace that ends with the run.
 *
 * Exit codes: 0 all promises hold, or no engine can be started here; 1 one is broken, or in CI (`CI` is set) there is no engine.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runProgram, startProgram } from '../../test/support/programs/child-program.ts';
import { makeDebian, provideBases } from './bases.ts';
import { copyCheckout } from './checkout.ts';
import { runCleanly } from './clean-run.ts';
import { composeProgram } from './compose-program.ts';
import { startEngine } from './docker-engine.ts';
import { inNamespaces } from './namespaces.ts';
import { whyNoEngine } from './requirements.ts';

const ROOT = join(import.meta.dirname, '../..');
const BUILD_TIMEOUT_MS = 900_000;
/** What the guide uses beside what the images are built from. */
const OF_THE_GUIDE = [
  ...['docker/compose.tls.yml', 'docker/make-secrets.mjs', 'deploy/edge', 'deploy/monitoring'],
];
/** Builders reach the package registries as this machine does. */
const BUILD_NETWORK = ['gateway', 'key-service', 'mlflow']
  .map((name) => `  ${name}: { build: { network: host } }`)
  .join('\n');

async function timed<T>(what: string, work: () => Promise<T>): Promise<T> {
  const start = performance.now();
  const result = await work();
  console.log(`${what}: ${((performance.now() - start) / 1000).toFixed(0)} s`);
  return result;
}

async function buildImages(folder: string): Promise<string> {
  const composing = timed('docker compose', () => composeProgram(folder, join(ROOT, '.cache/engine')));
  // It is awaited below.
  composing.catch(() => undefined);
  const debian = await timed('a minimal Debian', () => makeDebian(folder));
  const checkout = join(folder, 'checkout');
  copyCheckout(checkout, OF_THE_GUIDE);
  writeFileSync(join(checkout, 'docker/build.yml'), `services:\n${BUILD_NETWORK}\n`);
  const engine = await startEngine({ folder, networks: 'none' });
  try {
    await timed('base images', () => provideBases(engine, folder, debian));
    const compose = await composing;
    const files = ['-f', 'docker/compose.yml', '-f', 'docker/build.yml'];
    await timed('the images of docker/', () =>
      runProgram(compose, [...files, 'build'], {
        cwd: checkout,
        timeoutMs: BUILD_TIMEOUT_MS,
        env: { ...engine.env, DOCKER_BUILDKIT: '1', BUILD_COMMIT: 'engine-test' },
      }),
    );
    return compose;
  } finally {
    await engine.stop();
  }
}

/** The checks, in namespaces that end with them. */
async function runChecks(folder: string, compose: string): Promise<number> {
  const script = join(import.meta.dirname, 'inside.ts');
  const checks = [process.execPath, script, folder, compose];
  const [command, ...args] = inNamespaces(folder, checks, true);
  const program = startProgram(command, args, {
    detached: true,
    stdio: ['pipe', 'inherit', 'inherit'],
    env: process.env,
  });
  return (await program.exited) === 0 ? 0 : 1;
}

async function main(): Promise<number> {
  const reason = await whyNoEngine();
  if (reason !== undefined) {
    console.log(`Nothing of docker/ was tried, as no container engine can be started here: ${reason}`);
    return process.env['CI'] ? 1 : 0;
  }
  return runCleanly({
    name: 'engine',
    work: async (folder) => runChecks(folder, await buildImages(folder)),
  });
}

const started = performance.now();
process.exitCode = await main();
console.log(`${((performance.now() - started) / 1000).toFixed(0)} s in all`);
