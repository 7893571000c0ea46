import { readFile, readdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import pg from 'pg';
import type { CreateKeyResponse } from '../../../src/contracts/keys/key-management.js';
import { parseDatabaseUrl } from '../../../src/key-service/storage/database.js';
import { startProgram, type ChildProgram } from '../../support/programs/child-program.js';
import { eventually, START_INTERVAL_MS } from '../../support/lib/eventually.js';
import { freePort } from '../../support/programs/free-port.js';
import {
  callJson,
  TEST_ADMIN_TOKEN,
  TEST_PEPPER,
  type KeyServiceCalls,
} from '../../support/systems/key-service.js';
import { packedPrograms } from '../../support/programs/packed-programs.js';
import type { RecordingUpstream } from '../../support/servers/recording-upstream.js';
import { DAY_MS, webhookEnv } from './rotation-service.js';

/** The database of key services that run as processes of their own, from outside. */
export interface OutsideDatabase {
  rows<T = Record<string, unknown>>(statement: string): Promise<T[]>;
  /** Keeps everybody else from noting that a successor was taken; gives the way free again. */
  hold(): Promise<() => Promise<void>>;
  /** Everything that is stored, as bytes or as text. */
  contents(): Promise<string>;
}

export function outsideDatabase(url: string): OutsideDatabase {
  const { engine, path } = parseDatabaseUrl(url);
  return engine === 'sqlite' ? sqliteOutside(path) : postgresOutside(url);
}

function sqliteOutside(path: string): OutsideDatabase {
  const open = (): DatabaseSync => new DatabaseSync(path, { timeout: 5000 });
  return {
    rows: async <T>(statement: string) => {
      const database = open();
      try {
        return database.prepare(statement).all() as T[];
      } finally {
        database.close();
      }
    },
    hold: async () => {
      const database = open();
      database.exec('begin immediate');
      return async () => {
        database.exec('rollback');
        database.close();
      };
    },
    contents: async () => {
      const names = (await readdir(dirname(path))).filter((name) => name.startsWith(basename(path)));
      const files = await Promise.all(names.map((name) => readFile(join(dirname(path), name), 'latin1')));
      return files.join('\n');
    },
  };
}

function postgresOutside(url: string): OutsideDatabase {
  const connect = async (): Promise<pg.Client> => {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    return client;
  };
  const rows = async <T>(statement: string): Promise<T[]> => {
    const client = await connect();
    try {
      return (await client.query(statement)).rows as T[];
    } finally {
      await client.end();
    }
  };
  return {
    rows,
    hold: async () => {
      const client = await connect();
      await client.query('begin');
      await client.query('select 1 from key_rotations for update');
      return async () => {
        await client.query('rollback');
        await client.end();
      };
    },
    contents: async () => {
      const tables = await rows<{ name: string }>(
        "select tablename as name from pg_tables where schemaname = 'public'",
      );
      const texts = await Promise.all(
        tables.map(({ name }) => rows<{ text: string }>(`select t::text as text from "${name}" as t`)),
      );
      return texts.flatMap((all) => all.map(({ text }) => text)).join('\n');
    },
  };
}

/** A key service in a process of its own, that may be killed. */
export interface RotationProcess extends KeyServiceCalls {
  readonly program: ChildProgram;
}

export async function startRotationProcess(
  databaseUrl: string,
  receiver: Pick<RecordingUpstream, 'url'>,
): Promise<RotationProcess> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const program = startProgram(process.execPath, [join(await packedPrograms(), 'key-service/main.js')], {
    env: {
      ...{ DATABASE_URL: databaseUrl, HOST: '127.0.0.1', PORT: String(port), LOG_LEVEL: 'debug' },
      DRAIN_DELAY_SECONDS: '0',
      ...{ HOKUSAI_ADMIN_TOKEN: TEST_ADMIN_TOKEN, KEY_PEPPER: TEST_PEPPER },
      ...webhookEnv(receiver),
    },
  });
  await eventually(async () => (await fetch(`${url}/health/ready`)).ok, {
    ...{ program, what: 'the key service', timeoutMs: 60_000, intervalMs: START_INTERVAL_MS },
  });
  return {
    program,
    call: (method, path, body, headers) => callJson(`${url}/api/v1${path}`, method, body, headers),
  };
}

/** Keys that are 40 days old, with nothing that rotates them yet. */
export async function oldKeys(
  { call }: RotationProcess,
  database: OutsideDatabase,
  count: number,
): Promise<CreateKeyResponse[]> {
  const keys = [];
  for (let n = 0; n < count; n++) {
    const fields = { name: `old-${n}`, service_id: 'ml-platform' };
    keys.push((await call<CreateKeyResponse>('POST', '/keys', fields)).body);
  }
  const then = new Date(Date.now() - 40 * DAY_MS).toISOString();
  await database.rows(`update api_keys set created_at = '${then}'`);
  return keys;
}

/** Has every key of 30 days and more replaced. */
export async function rotateOldKeys({ call }: RotationProcess): Promise<void> {
  const policy = { environment: 'production', max_age_days: 30, delivery: 'webhook' };
  await call('POST', '/rotation-policies', policy);
}

/** The time after which others take what a process had taken when it died. */
export async function leasesRunOut(database: OutsideDatabase): Promise<void> {
  await database.rows(
    'update key_rotations set leased_until = null, due_at = created_at where outcome is null',
  );
}
