import { StartError } from '../../platform/start-error.js';

const UNKNOWN_AUTHORITY = new Set([
  'SELF_SIGNED_CERT_IN_CHAIN',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
]);

const SENTENCES: Readonly<Record<string, string>> = {
  '28P01':
    'PostgreSQL refuses the user or the password of DATABASE_URL: correct them; in a URL the characters # / ? % @ of a password are written as %23 %2F %3F %25 %40.',
  '28000':
    'PostgreSQL does not let the user of DATABASE_URL in from here (pg_hba.conf): allow it there, and if it wants encryption add sslmode=verify-full to DATABASE_URL.',
  '3D000': 'The database that DATABASE_URL names does not exist on the server: create it, or name another.',
  '42501':
    'The user of DATABASE_URL may not create tables: give it the right to create in the schema, or migrate as another user with "main.js migrate" and MIGRATE_AT_START=false.',
  '25006': 'PostgreSQL is read-only, as a standby is: name the primary in DATABASE_URL.',
  ERR_TLS_CERT_ALTNAME_INVALID:
    'The certificate of PostgreSQL is for another host than DATABASE_URL names: use the name that it is for.',
  CERT_HAS_EXPIRED: 'The certificate of PostgreSQL has expired: renew it.',
};

/**
 * Turns an error of the first connection that waiting does not cure into a sentence for the operator; any other error
 * is returned unchanged.
 */
export function asStartError(error: unknown): unknown {
  const { code, message = '' } = error as { code?: unknown; message?: string };
  if (typeof code === 'string' && UNKNOWN_AUTHORITY.has(code))
    return new StartError(
      'The certificate of PostgreSQL is of an authority that this process does not trust: name a private one by sslrootcert=<file> in DATABASE_URL, or by NODE_EXTRA_CA_CERTS.',
      { cause: error },
    );
  if (typeof code === 'string' && Object.hasOwn(SENTENCES, code))
    return new StartError(SENTENCES[code], { cause: error });
  if (message.includes('does not support SSL'))
    return new StartError(
      'PostgreSQL does not offer TLS, which sslmode in DATABASE_URL asks for: turn it on there, or leave sslmode out.',
      { cause: error },
    );
  // A pooler has no codes of its own; what it says holds no secret.
  if (code === '08P01')
    return new StartError(`The pooler before PostgreSQL refuses the connection: ${message}.`, {
      cause: error,
    });
  return error;
}
