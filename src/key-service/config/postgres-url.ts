import { accessSync, constants } from 'node:fs';

/**
 * The modes that `pg` knows. All but the first and the last check the certificate and its name, like `verify-full`.
 */
const SSL_MODES = ['disable', 'prefer', 'require', 'verify-ca', 'verify-full', 'no-verify'];
/** Parameters that name files. */
const SSL_FILES = ['sslrootcert', 'sslcert', 'sslkey'];

/** What is wrong with the TLS parameters of a PostgreSQL URL; never the URL itself. */
export function postgresUrlProblems(url: string): string[] {
  const { searchParams } = new URL(url);
  const problems: string[] = [];
  const mode = searchParams.get('sslmode');
  if (mode !== null && !SSL_MODES.includes(mode))
    problems.push(`DATABASE_URL must have one of these as sslmode: ${SSL_MODES.join(', ')}`);
  for (const name of SSL_FILES) {
    const path = searchParams.get(name);
    if (path !== null && !isReadable(path))
      problems.push(`DATABASE_URL names a file as ${name} that this process cannot read`);
  }
  return problems;
}

function isReadable(path: string): boolean {
  try {
    accessSync(path, constants.R_OK);
    return true;
  } catch {
    return false;
  }
}
