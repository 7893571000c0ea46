import { execFile, spawnSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { StartError } from '../../../src/platform/start-error.js';
import { startTestKeyService } from '../../support/systems/key-service.js';
import { startPostgresServer, type PostgresServer } from '../../support/servers/postgres-server.js';
import { tempDir } from '../../support/lib/temp-dir.js';

const run = promisify(execFile);
const here = spawnSync('openssl', ['version']).status === 0 || process.env['CI'] ? describe : describe.skip;

here('the first connection to PostgreSQL', () => {
  let dir: Awaited<ReturnType<typeof tempDir>>;
  let encrypted: PostgresServer;
  let plain: PostgresServer;
  let caFile: string;

  beforeAll(async () => {
    dir = await tempDir('postgres-tls');
    caFile = join(dir.path, 'cert.pem');
    const keyFile = join(dir.path, 'key.pem');
    const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'];
    const pair = ['-newkey', 'rsa:2048', '-nodes', '-keyout', keyFile, '-out', caFile, '-days', '2'];
    await run('openssl', ['req', '-x509', ...pair, ...subject]);
    const tls = { cert: await readFile(caFile, 'utf8'), key: await readFile(keyFile, 'utf8') };
    [encrypted, plain] = await Promise.all([startPostgresServer({ tls }), startPostgresServer()]);
  });
  afterAll(async () => {
    await Promise.all([encrypted?.close(), plain?.close()]);
    await dir?.remove();
  });

  /** URL of a new database of the server with TLS, by the name that its certificate has. */
  async function url(parameters: Record<string, string>, host = 'localhost'): Promise<string> {
    const target = new URL(await encrypted.newDatabase());
    target.hostname = host;
    for (const [name, value] of Object.entries(parameters)) target.searchParams.set(name, value);
    return target.href;
  }

  async function refusal(databaseUrl: string): Promise<string> {
    const error: unknown = await startTestKeyService({ DATABASE_URL: databaseUrl }).then(
      async (service) => {
        await service.close();
        return 'it started';
      },
      (thrown: unknown) => thrown,
    );
    expect(error).toBeInstanceOf(StartError);
    const { message } = error as StartError;
    expect(message).toMatch(/^[A-Z][^\n]*\.$/);
    expect(message).not.toContain(new URL(databaseUrl).password);
    return message;
  }

  it('is encrypted by sslmode, with a private authority by sslrootcert', async () => {
    const databaseUrl = await url({ sslmode: 'verify-full', sslrootcert: caFile });
    const service = await startTestKeyService({ DATABASE_URL: databaseUrl });
    try {
      expect((await service.call('POST', '/keys', { name: 'n', service_id: 'ml-platform' })).status).toBe(
        201,
      );
      const client = new pg.Client({ connectionString: databaseUrl });
      await client.connect();
      const { rows } = await client.query(
        "select bool_and(ssl) as all_encrypted from pg_stat_ssl join pg_stat_activity using (pid) where application_name = 'mlflow-key-service'",
      );
      await client.end();
      expect(rows).toEqual([{ all_encrypted: true }]);
    } finally {
      await service.close();
    }
  });

  it('is not made to a certificate of an authority that is not trusted', async () => {
    const message = await refusal(await url({ sslmode: 'verify-full' }));
    expect(message).toContain('sslrootcert');
    expect(message).toContain('NODE_EXTRA_CA_CERTS');
  });

  it('is not made to a certificate for another name', async () => {
    const parameters = { sslmode: 'verify-full', sslrootcert: caFile };
    expect(await refusal(await url(parameters, '127.0.0.1'))).toContain('another host');
  });

  it('is not made in plain text where sslmode asks for TLS', async () => {
    const target = new URL(await plain.newDatabase());
    target.searchParams.set('sslmode', 'verify-full');
    expect(await refusal(target.href)).toContain('does not offer TLS');
  });

  it('is not made with a wrong password', async () => {
    const target = new URL(await plain.newDatabase());
    target.password = 'wrong-password';
    expect(await refusal(target.href)).toContain('user or the password');
  });

  it('is not made to a database that does not exist', async () => {
    const target = new URL(await plain.newDatabase());
    target.pathname = '/nowhere';
    expect(await refusal(target.href)).toContain('does not exist');
  });

  it('is not made as a user who may not make tables', async () => {
    const admin = new URL(await plain.newDatabase());
    const client = new pg.Client({ connectionString: admin.href });
    await client.connect();
    await client.query("create role reader login password 'password-of-the-reader'");
    await client.end();
    const target = new URL(admin.href);
    Object.assign(target, { username: 'reader', password: 'password-of-the-reader' });
    expect(await refusal(target.href)).toContain('may not create tables');
  });
});
