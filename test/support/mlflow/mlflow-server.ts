import { fileURLToPath } from 'node:url';
import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startChild, untilReady, type Child } from '../../../scripts/start/child.ts';
import { MLFLOW_START_TIMEOUT_MS, mlflowSpec } from '../../../scripts/start/mlflow.ts';
import { runProgram } from '../programs/child-program.ts';
import { freePort } from '../programs/free-port.ts';
import { isFullRun } from '../run/full-run.ts';
import { pythonExecutable } from '../programs/preloaded-python.ts';
import { hasSharedParts, sharedPart } from '../run/shared-parts.ts';
import { newDatabase } from '../servers/postgres-server.ts';
import { sitePackages } from '../programs/site-packages.ts';
import { tempDir } from '../lib/temp-dir.ts';

export interface MlflowServerOptions {
  /** Further arguments of `mlflow server`. */
  args?: readonly string[];
  /** Further variables. */
  env?: Record<string, string>;
  /** Another version: the name of its virtual environment under `.cache/`, such as `mlflow-2.22-venv`. */
  venv?: string;
  /** Path that it is mounted at, where `args` give it one. */
  prefix?: string;
  /** Its database on a PostgreSQL, in place of a SQLite file. */
  postgresUrl?: string;
}

export interface MlflowServer {
  readonly url: string;
  readonly pid: number;
  /** Holds the database and the artifacts. */
  readonly dir: string;
  /** Ends it orderly; `start` brings it back on the same port with its data. */
  stop(): Promise<void>;
  start(): Promise<void>;
  /** Ends it at once, for good, and removes its data. */
  close(): Promise<void>;
}

const root = fileURLToPath(new URL('../../..', import.meta.url)).replace(/\/$/, '');
const GRACE_MS = 5000;
const NEWEST_VENV = 'mlflow-venv';
const POSTGRES_VENV = 'mlflow-postgres-venv';

/**
 * A real MLflow of one's own, with one worker and a fresh SQLite store: about 10 s to start. It ends with its starter,
 * however that ends. In tests prefer `sharedMlflow`.
 */
export async function startMlflowServer({
  args = [],
  env = {},
  prefix = '',
  venv = NEWEST_VENV,
  postgresUrl,
}: MlflowServerOptions = {}): Promise<MlflowServer> {
  const { path: dir, remove } = await tempDir('mlflow');
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const logFile = join(dir, 'server.log');
  const { PATH, HOME } = process.env;
  const storeUri = postgresUrl === undefined ? undefined : driverUri(postgresUrl);
  const spec = mlflowSpec({ root, dir, port, logFile, env: { PATH, HOME }, workers: 1, storeUri });
  const command = await pythonExecutable(venv);
  if (storeUri === undefined && hasSharedParts() && !isFullRun)
    await copyFile((await sharedPart<{ file: string }>(tablesPart(venv))).file, join(dir, 'mlflow.db'));
  let child: Child | undefined;
  const stop = async (): Promise<void> => {
    await child?.stop(GRACE_MS);
    child = undefined;
  };
  const start = async (): Promise<void> => {
    child = startChild({
      ...spec,
      command,
      args: [...spec.args, ...args],
      env: {
        ...spec.env,
        PRELOADED_SUBPROCESSES: '1',
        ...(storeUri !== undefined && { PYTHONPATH: sitePackages(POSTGRES_VENV) }),
        ...env,
      },
    });
    await untilReady(child, `${url}${prefix}/health`, MLFLOW_START_TIMEOUT_MS);
  };
  await start();
  return {
    url,
    get pid() {
      return child?.pid ?? -1;
    },
    dir,
    stop,
    start,
    async close() {
      // Not orderly: nobody needs its data, and its goodbye costs a second of a processor.
      child?.kill();
      await child?.ended;
      child = undefined;
      await remove();
    },
  };
}

/**
 * Address of the run's one real MLflow of a version, started when first asked for and ended with the run. Tests share
 * it: give experiments and models names of your own, and never stop it.
 *
 * @param version one of `MLFLOW_VENVS`, or `MLFLOW_ON_POSTGRES`; the newest if there is none
 */
export const sharedMlflow = (version = 'mlflow'): Promise<{ url: string }> => sharedPart(version);

/**
 * The name of the tables of a version, by its environment, in a SQLite file without a row: making them is half of a start,
 * and a run starts two servers or more of each version.
 */
export const tablesPart = (venv: string): string => `tables-${venv}`;

/** As a server does at its start: the command `mlflow db upgrade` of older versions takes no empty file. */
const MAKE_TABLES = `
import sys
from mlflow.store.db import utils
utils._initialize_tables(utils.create_sqlalchemy_engine(sys.argv[1]))
`;

/** Makes such tables. */
export async function makeMlflowTables(venv: string): Promise<{ file: string; remove(): Promise<void> }> {
  const { path, remove } = await tempDir('mlflow-tables');
  const file = join(path, 'mlflow.db');
  await makeTables(`sqlite:///${file}`, venv);
  return { file, remove };
}

/** Makes the tables of the newest version in a database of a PostgreSQL. */
export const makePostgresTables = (url: string): Promise<void> =>
  makeTables(driverUri(url), NEWEST_VENV, { PYTHONPATH: sitePackages(POSTGRES_VENV) });

async function makeTables(uri: string, venv: string, env: Record<string, string> = {}): Promise<void> {
  await runProgram(await pythonExecutable(venv), ['-c', MAKE_TABLES, uri], {
    env: { MLFLOW_DISABLE_TELEMETRY: 'true', ...env },
  });
}

/** As MLflow names the driver of PostgreSQL. */
const driverUri = (url: string): string => url.replace(/^postgres:/, 'postgresql+psycopg2:');

/** The name of the database of a PostgreSQL that `newMlflowDatabase` copies. */
export const TABLES_ON_POSTGRES = 'tables-on-postgres';

/** A new database on the run's PostgreSQL, for a server of the newest version: its URL. */
export async function newMlflowDatabase(): Promise<string> {
  const { url } = await sharedPart<{ url: string }>('postgres');
  if (isFullRun) return newDatabase(url);
  const { template } = await sharedPart<{ template: string }>(TABLES_ON_POSTGRES);
  return newDatabase(url, template);
}

/** The name of one of the newest version that keeps its data in PostgreSQL, for `sharedMlflow`. */
export const MLFLOW_ON_POSTGRES = 'mlflow-on-postgres';

/**
 * Another one, for tests that look at MLflow's lists in a browser: hundreds of experiments and models that other tests
 * make would push theirs off the first page.
 */
export const sharedMlflowOfPages = (): Promise<{ url: string }> => sharedPart('mlflow-of-pages');
