import { spawnSync } from 'node:child_process';
import { chmod, chown, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { startProgram } from '../programs/child-program.ts';
import { eventually } from '../lib/eventually.ts';
import { freePort } from '../programs/free-port.ts';
import { postgresUser } from './postgres-programs.ts';
import { tempDir } from '../lib/temp-dir.ts';

export const hasPgBouncer = (): boolean => spawnSync('pgbouncer', ['--version']).status === 0;

export interface PgBouncer {
  /** The same database through the pooler. */
  url: string;
  close(): Promise<void>;
}

/** A real PgBouncer before a database, in transaction mode and with one connection to it: the hardest case. */
export async function startPgBouncer(databaseUrl: string): Promise<PgBouncer> {
  const server = new URL(databaseUrl);
  const folder = await tempDir('pgbouncer');
  const port = await freePort();
  const [users, config] = [join(folder.path, 'users.txt'), join(folder.path, 'pgbouncer.ini')];
  await writeFile(users, `"${server.username}" "${server.password}"\n`, { mode: 0o600 });
  await writeFile(
    config,
    `[databases]
* = host=${server.hostname} port=${server.port}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${port}
unix_socket_dir =
auth_type = scram-sha-256
auth_file = ${users}
pool_mode = transaction
default_pool_size = 1
max_client_conn = 100
`,
    { mode: 0o600 },
  );
  const user = postgresUser();
  if (user) {
    await chmod(folder.path, 0o755);
    for (const path of [users, config]) await chown(path, user.uid, user.gid);
  }
  const program = startProgram('pgbouncer', [config], { ...user, cwd: folder.path });
  const url = new URL(databaseUrl);
  url.port = String(port);
  const close = async (): Promise<void> => {
    await program.stop('SIGINT');
    await folder.remove();
  };
  try {
    await eventually(
      async () => {
        const client = new pg.Client({ connectionString: url.href });
        await client.connect();
        await client.end();
        return true;
      },
      { what: 'PgBouncer', program, timeoutMs: 15_000 },
    );
  } catch (error) {
    await close();
    throw error;
  }
  return { url: url.href, close };
}
