/** Reads the route table of every MLflow that the project knows into src/gateway/mlflow-routes/tables/, and the SDK's routes. */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { MLFLOW_VENVS } from './prepare/python-venv.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const run = (venv: string, script: string): void => {
  execFileSync(join(root, '.cache', `${venv}-venv/bin/python`), [join(root, 'scripts', script)], {
    cwd: root,
    stdio: 'inherit',
  });
};

for (const venv of MLFLOW_VENVS) run(venv, 'generate-route-table.py');
run('mlflow', 'generate-mlflow-routes.py');
const prettier = join(root, 'node_modules/prettier/bin/prettier.cjs');
execFileSync(process.execPath, [prettier, '--write', 'src/sdk/mlflow/generated'], {
  cwd: root,
  stdio: 'inherit',
});
