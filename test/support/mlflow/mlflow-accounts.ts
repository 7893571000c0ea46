import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startMlflowServer, type MlflowServer } from './mlflow-server.ts';
import { sitePackages } from '../programs/site-packages.ts';
import { tempDir } from '../lib/temp-dir.ts';

export interface MlflowWithAccounts extends MlflowServer {
  /** Of its administrator, the one account that there is. */
  readonly username: string;
  readonly password: string;
}

/** A real MLflow with accounts of its own: its `basic-auth` app. */
export async function startMlflowWithAccounts(): Promise<MlflowWithAccounts> {
  const { path, remove } = await tempDir('mlflow-accounts');
  const username = 'mlflow-admin';
  const password = randomBytes(18).toString('hex');
  const config = join(path, 'basic_auth.ini');
  writeFileSync(
    config,
    `[mlflow]
default_permission = READ
database_uri = sqlite:///${join(path, 'accounts.db')}
admin_username = ${username}
admin_password = ${password}
authorization_function = mlflow.server.auth:authenticate_request_basic_auth
`,
  );
  const server = await startMlflowServer({
    args: ['--app-name', 'basic-auth'],
    env: {
      MLFLOW_AUTH_CONFIG_PATH: config,
      MLFLOW_FLASK_SERVER_SECRET_KEY: randomBytes(18).toString('hex'),
      PYTHONPATH: sitePackages('mlflow-auth-venv'),
    },
  });
  return {
    ...server,
    username,
    password,
    async close() {
      await server.close();
      await remove();
    },
  };
}
