/**
 * `npm run deploy:engine`: builds the images, starts the compose files and holds them to their promises, in a container
 * engine of its own. Networks, packet filter rules and settings are those of a network namespace that ends with the run.
 *
 * Exit codes: 0 all promises hold, or no engine can be started here; 1 one is broken, or in CI (`CI` is set) there is no engine.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { killPrograms, runProgram, startProgram } from '../../test/support/child-program.ts';
import { removeFolders, workFolder } from '../../test/support/temp-dir.ts';
import { makeDebian, provideBases } from './bases.ts';
import { copyCheckout } from './checkout.ts';
import { composeProgram } from './compose-program.ts';
import { NAMESPACES, removeCgroups, startEngine } from './docker-engine.ts';
import { hostState, isAsBefore } from './host-state.ts';
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
  const [compose, debian] = await Promise.all([
    timed('docker compose', () => composeProgram(folder, join(ROOT, '.cache/engine'))),
    timed('a minimal Debian', () => makeDebian(folder)),
  ]);
  const checkout = join(folder, 'checkout');
  copyCheckout(checkout, OF_THE_GUIDE);
  writeFileSync(join(checkout, 'docker/build.yml'), `services:\n${BUILD_NETWORK}\n`);
  const engine = await startEngine({ folder, networks: 'none' });
  try {
    await timed('base images', () => provideBases(engine, folder, debian));
    const files = ['-f', 'docker/compose.yml', '-f', 'docker/build.yml'];
    await timed('the images of docker/', () =>
      runProgram(compose, [...files, 'build'], {
        cwd: checkout,
        timeoutMs: BUILD_TIMEOUT_MS,
        env: { ...engine.env, DOCKER_BUILDKIT: '1', BUILD_COMMIT: 'engine-test' },
      }),
    );
  } finally {
    await engine.stop();
  }
  return compose;
}

/** The checks, in namespaces that end with them. */
async function runChecks(folder: string, compose: string): Promise<number> {
  const script = join(import.meta.dirname, 'inside.ts');
  const program = startProgram(
    'unshare',
    ['--net', ...NAMESPACES, process.execPath, script, folder, compose],
    { detached: true, stdio: ['pipe', 'inherit', 'inherit'], env: process.env },
  );
  const code = await program.exited;
  return code === 0 ? 0 : 1;
}

async function main(): Promise<number> {
  const reason = await whyNoEngine();
  if (reason !== undefined) {
    console.log(`Nothing of docker/ was tried, as no container engine can be started here: ${reason}`);
    return process.env['CI'] ? 1 : 0;
  }
  const folder = workFolder('engine');
  const before = await hostState(folder);
  let code: number;
  try {
    code = await runChecks(folder, await buildImages(folder));
  } finally {
    killPrograms();
    removeCgroups(folder);
  }
  // Hundreds of thousands of files, which a program for it removes much faster.
  await runProgram('rm', ['-rf', folder], { timeoutMs: 300_000 });
  return (await isAsBefore(folder, before)) ? code : 1;
}

process.once('exit', () => {
  killPrograms();
  removeFolders();
});
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(1));
const started = performance.now();
process.exitCode = await main();
console.log(`${((performance.now() - started) / 1000).toFixed(0)} s in all`);
