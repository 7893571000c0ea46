/**
 * `npm start`: the whole system on this machine, with nothing configured. Runs on Node's own type
 * stripping; `scripts/prepare.mjs` has installed everything before.
 */
import { fileURLToPath } from 'node:url';
import { buildIfStale } from './start/build.ts';
import { claimDataDir } from './start/claim.ts';
import { readPlan } from './start/plan.ts';
import { requireFreePort } from './start/ports.ts';
import { openState } from './start/state.ts';
import { System } from './start/system.ts';
import { say, StartError } from './start/terminal.ts';

const root = fileURLToPath(new URL('..', import.meta.url)).replace(/\/$/, '');
const system = new System();
let interrupted = false;
let release: (() => void) | undefined;

async function end(exitCode: number): Promise<never> {
  await system.stop();
  release?.();
  process.exit(exitCode);
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
  process.on(signal, () => {
    if (interrupted) {
      system.kill();
      process.exit(1);
    }
    interrupted = true;
    say('\nStopping …');
    void end(0);
  });

try {
  const plan = readPlan(process.env, root);
  await requireFreePort(plan.gatewayPort, 'PORT');
  if (plan.keyServicePort !== undefined) await requireFreePort(plan.keyServicePort, 'KEY_SERVICE_PORT');
  const state = openState(plan.dataDir);
  release = claimDataDir(plan.dataDir);
  await buildIfStale(root);
  process.stdout.write(`\n${await system.start(plan, state, process.env)}`);
  await system.untilOneEnds();
} catch (error) {
  if (!interrupted) {
    say(error instanceof StartError ? error.message : String((error as Error).stack ?? error));
    await end(error instanceof StartError ? error.exitCode : 1);
  }
}
