import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ChildSpec } from './child.ts';
import { LOOPBACK } from './ports.ts';
import { StartError } from './terminal.ts';

/** First start: about 15 s for its database; a slow machine may need a multiple. */
export const MLFLOW_START_TIMEOUT_MS = 180_000;

export interface MlflowOptions {
  /** Folder of the checkout, which holds `.cache/mlflow-venv`. */
  root: string;
  /** Folder for the database and the artifacts. */
  dir: string;
  port: number;
  logFile: string;
  env: Readonly<Record<string, string | undefined>>;
  /** Processes that answer; default 2. */
  workers?: number;
  /** Its database, where that is not a file in `dir`: may hold a password, so it is no argument. */
  storeUri?: string | undefined;
}

/** Python of the virtual environment that `scripts/prepare.mjs` makes. */
export function venvPython(root: string): string {
  const python = join(root, '.cache', 'mlflow-venv', 'bin', 'python');
  if (existsSync(python)) return python;
  throw new StartError('MLflow is not installed yet: run "node scripts/prepare.mjs start" first.');
}

/** How a real MLflow is run: SQLite unless said otherwise, artifacts in a folder, loopback only. */
export function mlflowSpec({
  root,
  dir,
  port,
  logFile,
  env,
  workers = 2,
  storeUri,
}: MlflowOptions): ChildSpec {
  const server = fileURLToPath(new URL('mlflow_server.py', import.meta.url));
  return {
    name: 'MLflow',
    command: venvPython(root),
    args: [
      ...[server, 'server', '--host', LOOPBACK, '--port', String(port), '--workers', String(workers)],
      ...(storeUri === undefined ? ['--backend-store-uri', `sqlite:///${join(dir, 'mlflow.db')}`] : []),
      ...['--artifacts-destination', join(dir, 'artifacts')],
    ],
    env: {
      ...inherited(env),
      // The job runner is a family of further processes, for server-side evaluation alone.
      MLFLOW_SERVER_ENABLE_JOB_EXECUTION: 'false',
      MLFLOW_DISABLE_TELEMETRY: 'true',
      PYTHONUNBUFFERED: '1',
      ...(storeUri !== undefined && { MLFLOW_BACKEND_STORE_URI: storeUri }),
    },
    logFile,
    stopSignal: 'SIGTERM',
  };
}

// Settings of an MLflow client would change the server, and it must not get our tokens.
const NOT_FOR_MLFLOW = /^(MLFLOW_|HOKUSAI_|GATEWAY_|KEY_PEPPER|SERVICE_TOKENS|REDIS_URL|DATABASE_URL)/;

function inherited(env: MlflowOptions['env']): Record<string, string | undefined> {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !NOT_FOR_MLFLOW.test(name)));
}
