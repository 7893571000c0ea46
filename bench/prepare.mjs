#!/usr/bin/env node
/**
 * Makes ready what the bench measures against: system packages, MLflow and the Python packages of its peers.
 * What cannot be installed is said, and its peers are left out.
 */
import { fileURLToPath } from 'node:url';
import { withLock } from '../scripts/prepare/lock.mjs';
import { installNodeModules } from '../scripts/prepare/node-modules.mjs';
import { makeVenv } from '../scripts/prepare/python-venv.mjs';
import { run } from '../scripts/prepare/run.mjs';
import { Complaint, say } from '../scripts/prepare/say.mjs';
import { aptInstall, requireRedis } from '../scripts/prepare/system-packages.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Programs, and what makes each say that it is there; Debian's packages have the same names. */
const PROGRAMS = [
  ['wrk', '-v'],
  ['nginx', '-v'],
  ['haproxy', '-v'],
  ['caddy', 'version'],
  ['curl', '--version'],
];

async function optional(what, work) {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof Complaint)) throw error;
    say(`${what} is left out: ${error.message}`);
  }
}

try {
  await withLock(root, async () => {
    await installNodeModules(root);
    for (const [program, question] of PROGRAMS)
      if ((await run(program, [question])).code === 127 && !(await aptInstall(program)))
        say(`${program} is not installed and cannot be here: what needs it is left out`);
    await optional('Redis', requireRedis);
    await optional('MLflow', () => makeVenv(root, 'mlflow'));
    await optional('FastAPI', () => makeVenv(root, 'bench'));
  });
} catch (error) {
  if (!(error instanceof Complaint)) throw error;
  say(error.message);
  process.exit(1);
}
