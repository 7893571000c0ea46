import { IsInt, Max, Min } from 'class-validator';
import { unencodedCredentials } from '../../platform/config/credentials-in-url.js';
import { Env } from '../../platform/config/env.js';
import { postgresUrlProblems } from './postgres-url.js';
import { sqliteFileProblem } from './sqlite-file.js';

const SQLITE = 'sqlite:///';

/** Where keys are stored. */
export class DatabaseConfig {
  @Env('DATABASE_URL', {
    secret: true,
    about:
      'Database: sqlite:///relative/path, sqlite:////absolute/path or postgres://user:password@host/name; unset: sqlite:///.data/keys.sqlite',
  })
  url = 'sqlite:///.data/keys.sqlite';

  @Env('DATABASE_POOL_SIZE', {
    kind: 'integer',
    unit: 'connections',
    about: 'Connections to PostgreSQL, each replica',
  })
  @IsInt()
  @Min(1)
  @Max(1000)
  poolSize = 10;

  @Env('DATABASE_TIMEOUT_MS', {
    kind: 'integer',
    unit: 'ms',
    about: 'Longest wait for a connection, and longest run of a statement',
  })
  @IsInt()
  @Min(10)
  @Max(600_000)
  timeoutMs = 5000;

  @Env('DATABASE_START_TIMEOUT_SECONDS', {
    kind: 'integer',
    unit: 'seconds',
    about: 'How long a start waits for a database that does not answer yet',
  })
  @IsInt()
  @Min(0)
  @Max(3600)
  startTimeoutSeconds = 30;

  @Env('MIGRATE_AT_START', {
    kind: 'boolean',
    about:
      'Migrate the database at start; false: a start waits until "main.js migrate" has done it, for DATABASE_START_TIMEOUT_SECONDS at most',
  })
  migrateAtStart = true;

  check(): string[] {
    if (/^postgres(ql)?:/i.test(this.url)) {
      const problem = addressProblem(this.url);
      return problem === undefined ? postgresUrlProblems(this.url) : [`DATABASE_URL ${problem}`];
    }
    const path = this.url.startsWith(SQLITE) ? this.url.slice(SQLITE.length) : '';
    if (path === '')
      return ['DATABASE_URL must be sqlite:///relative/path, sqlite:////absolute/path or a postgres:// URL'];
    const problem = sqliteFileProblem(path);
    return problem === undefined ? [] : [`DATABASE_URL ${problem}`];
  }
}

function addressProblem(url: string): string | undefined {
  const unencoded = unencodedCredentials(url, { queryMay: true });
  if (unencoded !== undefined) return unencoded;
  return URL.canParse(url)
    ? undefined
    : 'must be a postgres:// URL, such as postgres://user:password@host/name';
}
