import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { MLFLOW_VENVS } from '../../../scripts/prepare/python-venv.mjs';
import { buildPackages } from '../programs/built-packages.ts';
import {
  makeMlflowTables,
  makePostgresTables,
  MLFLOW_ON_POSTGRES,
  newMlflowDatabase,
  startMlflowServer,
  TABLES_ON_POSTGRES,
  tablesPart,
} from '../mlflow/mlflow-server.ts';
import { packPrograms } from '../programs/packed-programs.ts';
import { packBuiltSdk } from '../programs/packed-sdk.ts';
import { preloadedPart, startPreloadedPython } from '../programs/preloaded-python.ts';
import { copyPostgresPrograms } from '../servers/postgres-programs.ts';
import { newDatabase, startPostgresServer } from '../servers/postgres-server.ts';

/** What tests are given, as JSON, and how it is ended with the run. */
interface StartedPart {
  readonly given: unknown;
  end(): Promise<void>;
}

type StartPart = (name: string) => Promise<StartedPart>;

/**
 * Ended in this order. Redis is none of them: it starts in 50 ms, and most of its tests pause, kill or configure it.
 */
const PARTS: Readonly<Record<string, (start: StartPart) => Promise<StartedPart>>> = {
  ...Object.fromEntries(MLFLOW_VENVS.map((version) => [version, () => startMlflow(version)])),
  'mlflow-of-pages': () => startMlflow('mlflow'),
  [MLFLOW_ON_POSTGRES]: async () => startMlflow('mlflow', await newMlflowDatabase()),
  async [TABLES_ON_POSTGRES](start) {
    const { url } = (await start('postgres')).given as { url: string };
    const tables = await newDatabase(url);
    await makePostgresTables(tables);
    // It lies in the PostgreSQL of the run, and ends with that.
    return { given: { template: new URL(tables).pathname.slice(1) }, end: async () => {} };
  },
  async postgres() {
    // No test ends it and no power is cut: what it has taken need not be on the disk before it says so.
    const settings = ['max_connections=400', 'fsync=off', 'full_page_writes=off'];
    const { url, close } = await startPostgresServer({ settings });
    return { given: { url }, end: close };
  },
  async packages() {
    const { folder, remove } = await buildPackages();
    return { given: { folder }, end: remove };
  },
  async 'packed-sdk'(start) {
    const { folder } = (await start('packages')).given as { folder: string };
    const { remove, ...given } = await packBuiltSdk(join(folder, 'mlflow-sdk'));
    return { given, end: remove };
  },
  async 'packed-programs'() {
    const { folder, remove } = await packPrograms();
    return { given: { folder }, end: remove };
  },
  async 'postgres-programs'() {
    const { folder, remove } = await copyPostgresPrograms();
    return { given: { folder }, end: remove };
  },
  ...Object.fromEntries(
    MLFLOW_VENVS.flatMap((version) => {
      const venv = `${version}-venv`;
      return [
        [tablesPart(venv), () => makeTables(venv)],
        [preloadedPart(venv), () => startPython(venv)],
      ];
    }),
  ),
};

async function startMlflow(version: string, postgresUrl?: string): Promise<StartedPart> {
  const { url, close } = await startMlflowServer({
    venv: `${version}-venv`,
    ...(postgresUrl && { postgresUrl }),
  });
  return { given: { url }, end: close };
}

async function makeTables(venv: string): Promise<StartedPart> {
  const { file, remove } = await makeMlflowTables(venv);
  return { given: { file }, end: remove };
}

async function startPython(venv: string): Promise<StartedPart> {
  const { executable, close } = await startPreloadedPython(venv);
  return { given: { executable }, end: close };
}

export interface SharedPartsBroker {
  readonly url: string;
  /** Ends all parts that were started. */
  close(): Promise<void>;
}

/** Serves `sharedPart`: each part is started once, by the first that asks for it. */
export async function startSharedPartsBroker(): Promise<SharedPartsBroker> {
  const started = new Map<string, Promise<StartedPart>>();
  const start = (name: string): Promise<StartedPart> => {
    const starting =
      started.get(name) ??
      PARTS[name]?.(start) ??
      Promise.reject(new Error(`there is no shared part "${name}"`));
    started.set(name, starting);
    return starting;
  };
  const server = createServer((request, response) => {
    request.resume();
    // A test that computes for seconds would ask again on a connection that has been closed meanwhile.
    response.setHeader('connection', 'close');
    start((request.url ?? '').slice(1)).then(
      ({ given }) => response.end(JSON.stringify(given)),
      (error: Error) => response.writeHead(500).end(error.stack),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      server.close();
      server.closeAllConnections();
      for (const name of Object.keys(PARTS)) {
        // One that failed to start has cleaned up itself, and its tests have said so.
        const part = await started.get(name)?.catch(() => undefined);
        await part?.end();
      }
    },
  };
}
