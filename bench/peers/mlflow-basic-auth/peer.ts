import { randomBytes } from 'node:crypto';
import { workFolder } from '../../lib/children.ts';
import { BENCH_PYTHON, MLFLOW_PYTHON } from '../../lib/programs.ts';
import { fillFile } from '../../lib/template.ts';
import { benchSitePackages, startMlflow } from '../../parts/mlflow.ts';
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
    return startMlflow(['--app-name', 'basic-auth'], {
      MLFLOW_AUTH_CONFIG_PATH: `${dir}/basic_auth.ini`,
      MLFLOW_FLASK_SERVER_SECRET_KEY: randomBytes(18).toString('hex'),
      PYTHONPATH: benchSitePackages(),
    });
  },
};
