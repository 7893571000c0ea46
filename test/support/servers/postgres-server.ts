import { randomBytes, randomUUID } from 'node:crypto';
import { chmod, chown, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { runProgram, startProgram, type ChildProgram } from '../programs/child-program.ts';
import { eventually } from '../lib/eventually.ts';
import { freePort } from '../programs/free-port.ts';
import { postgresPrograms, postgresUser } from './postgres-programs.ts';
import { tempDir } from '../lib/temp-dir.ts';

export interface PostgresServer {
  /** Of the database that every server has, with a superuser's name. */
  readonly url: string;
  /** Of the process that all others are children of. */
  readonly pid: number;
  /** Makes an empty database and returns its URL, with a superuser's name. */
  newDatabase(): Promise<string>;
  close(): Promise<void>;
}

export interface PostgresOptions {
  /** Its certificate and key, for TLS; plain connections are taken too. */
  tls?: { cert: string; key: string };
  /** Further settings, such as `max_connections=400`. */
  settings?: readonly string[];
}

/** Each connection costs client and server 4,096 rounds of a hash otherwise; the password is a random one. */
const CHEAP_PASSWORDS = ['-c', 'scram_iterations=1'];

/** A real PostgreSQL of its own on a free loopback port, with its default configuration: durable writes too. */
export async function startPostgresServer({
  tls,
  settings = [],
}: PostgresOptions = {}): Promise<PostgresServer> {
  const programs = await postgresPrograms();
  const program = (name: string): string => join(programs.folder, 'bin', name);
  const folder = await tempDir('postgres');
  const [data, passwordFile] = [join(folder.path, 'data'), join(folder.path, 'password')];
  const password = randomBytes(12).toString('hex');
  await mkdir(data);
  await writeFile(passwordFile, password, { mode: 0o600 });
  const user = postgresUser();
  if (user) {
    await chmod(folder.path, 0o755);
    for (const path of [data, passwordFile]) await chown(path, user.uid, user.gid);
  }
  const options = {
    ...user,
    cwd: data,
    env: { LC_ALL: 'C', HOME: data },
  };
  const port = await freePort();
  const url = `postgres://postgres:${password}@127.0.0.1:${port}/postgres`;
  let server: ChildProgram | undefined;
  const close = async (): Promise<void> => {
    await server?.stop('SIGINT');
    await folder.remove();
    await programs.remove();
  };
  try {
    const access = ['-U', 'postgres', '--auth=scram-sha-256', `--pwfile=${passwordFile}`];
    await runProgram(
      program('initdb'),
      ['-D', data, ...access, '--encoding=UTF8', '--no-locale', '--no-sync', ...CHEAP_PASSWORDS],
      options,
    );
    const args = [
      '-D',
      data,
      '-p',
      String(port),
      '-h',
      '127.0.0.1',
      '-k',
      '',
      ...settings.flatMap((one) => ['-c', one]),
    ];
    if (tls) {
      await writeFile(join(data, 'server.crt'), tls.cert, { mode: 0o600 });
      await writeFile(join(data, 'server.key'), tls.key, { mode: 0o600 });
      if (user)
        for (const name of ['server.crt', 'server.key']) await chown(join(data, name), user.uid, user.gid);
      args.push('-c', 'ssl=on');
    }
    server = startProgram(program('postgres'), args, options);
    const answers = (): Promise<boolean> => query(url, 'select 1').then(() => true);
    await eventually(answers, { what: 'PostgreSQL', program: server, timeoutMs: 30_000 });
  } catch (error) {
    await close();
    throw error;
  }
  return { url, pid: server.pid, newDatabase: () => newDatabase(url), close };
}

/** Makes a database on the server of `url`, empty or a copy of another, and returns its URL with the same user. */
export async function newDatabase(url: string, template = 'template1'): Promise<string> {
  const name = `test_${randomUUID().replaceAll('-', '')}`;
  await query(url, `create database ${name} template ${template}`);
  const made = new URL(url);
  made.pathname = `/${name}`;
  return made.href;
}

async function query(url: string, text: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(text);
  } finally {
    await client.end();
  }
}
