#!/usr/bin/env node
/**
 * Makes a fresh clone ready for `npm start` or `npm test`, and does nothing where it is already.
 * Runs before anything is installed, so: Node's own modules only, and Node 18 is enough.
 */
import { fileURLToPath } from 'node:url';
import { withLock } from './prepare/lock.mjs';
import { installDocsSite } from './prepare/docs-site.mjs';
import { installHelm } from './prepare/helm.mjs';
import { addMlflowUi } from './prepare/mlflow-ui.mjs';
import { installNodeModules } from './prepare/node-modules.mjs';
import { makeVenv, MLFLOW_VENVS, MLFLOW_WITHOUT_UI, requirePython } from './prepare/python-venv.mjs';
import { Complaint, say } from './prepare/say.mjs';
import { together } from './prepare/together.mjs';
import { requireRedis, requireTestedPrograms } from './prepare/system-packages.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));

const STEPS = {
  async start() {
    // Someone else's MLflow needs none of our own.
    const ownMlflow = !process.env.MLFLOW_SERVER_URL;
    if (ownMlflow) await requirePython(root, 'mlflow');
    await installNodeModules(root);
    if (ownMlflow) await makeVenv(root, 'mlflow');
  },
  async test() {
    await requirePython(root, 'mlflow');
    await installNodeModules(root);
    await requireRedis();
    if (process.env.CI) await requireTestedPrograms();
    // By itself: it may have to install Debian's module that makes virtual environments.
    await makeVenv(root, 'test');
    const venv = (name) => () => makeVenv(root, name);
    await together([
      // The largest ones first.
      venv('mlflow'),
      ...MLFLOW_WITHOUT_UI.map((name) => () => makeVenv(root, name).then(() => addMlflowUi(root, name))),
      venv('aws'),
      venv('mlflow-auth'),
      venv('mlflow-postgres'),
      ...(process.env.CI ? [venv('deploy'), venv('edge'), () => installHelm(root)] : []),
      () => installDocsSite(root),
    ]);
  },
  async docs() {
    await installNodeModules(root);
    await installDocsSite(root);
  },
  async routes() {
    await installNodeModules(root);
    for (const name of MLFLOW_VENVS) await makeVenv(root, name);
  },
};

const steps = STEPS[process.argv[2]];
if (!steps) {
  say('usage: node scripts/prepare.mjs start|test|docs|routes');
  process.exit(2);
}
try {
  await withLock(root, steps);
} catch (error) {
  if (!(error instanceof Complaint)) throw error;
  say(error.message);
  process.exit(1);
}
