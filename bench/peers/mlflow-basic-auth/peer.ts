import { randomBytes } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { startMlflowServer } from '../../../test/support/mlflow/mlflow-server.ts';
import { workFolder } from '../../lib/children.ts';
import { BENCH_PYTHON, MLFLOW_PYTHON, ROOT } from '../../lib/programs.ts';
import { fillFile } from '../../lib/template.ts';
import type { Peer } from '../peer.ts';

const password = randomBytes(18).toString('hex');

/** MLflow and its authentication are one process: there is no upstream, and no mount. */
export const mlflowBasicAuth: Peer = {
  name: 'mlflow-basic-auth',
  label: "MLflow's basic-auth app",
  about: 'MLflow itself with `--app-name basic-auth`; it hashes the password on every request',
  needs: [MLFLOW_PYTHON, BENCH_PYTHON],
  checksKeys: true,
  headers: { authorization: `Basic ${Buffer.from(`admin:${password}`).toString('base64')}` },
  async start() {
    const dir = workFolder('basic-auth');
    fillFile(new URL('basic_auth.ini', import.meta.url), `${dir}/basic_auth.ini`, {
      DIR: dir,
      PASSWORD: password,
    });
    const { url, pid, close } = await startMlflowServer({
      args: ['--app-name', 'basic-auth'],
      env: {
        MLFLOW_AUTH_CONFIG_PATH: `${dir}/basic_auth.ini`,
        MLFLOW_FLASK_SERVER_SECRET_KEY: randomBytes(18).toString('hex'),
        PYTHONPATH: benchSitePackages(),
      },
    });
    return { url, pid, stop: close };
  },
};

/** Where the packages of the bench's own environment lie; MLflow sees them by PYTHONPATH. */
function benchSitePackages(): string {
  const lib = join(ROOT, '.cache', 'bench-venv', 'lib');
  const python = readdirSync(lib).find((name) => name.startsWith('python3'));
  return join(lib, python ?? '', 'site-packages');
}
