import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { rootCertificates } from 'node:tls';
import { ConfigError, loadConfigs, type Environment } from './env.js';
import { RedisConfig } from './redis.config.js';

const dir = mkdtempSync(join(tmpdir(), 'redis-config-'));
const AUTHORITY = join(dir, 'ca.pem');
const AUTHORITIES = join(dir, 'bundle.pem');
const BROKEN = join(dir, 'broken.pem');

beforeAll(() => {
  writeFileSync(AUTHORITY, `# with a comment\n${rootCertificates[0]}\n`);
  writeFileSync(AUTHORITIES, rootCertificates.slice(0, 3).join('\n'));
  writeFileSync(BROKEN, '-----BEGIN CERTIFICATE-----\nbroken\n-----END CERTIFICATE-----\n');
});
afterAll(() => rmSync(dir, { recursive: true }));

function problemsOf(env: Environment): readonly string[] {
  try {
    loadConfigs(env, [RedisConfig]);
    return [];
  } catch (error) {
    return (error as ConfigError).problems;
  }
}

describe('the Redis configuration', () => {
  it.each([
    [{}],
    [{ REDIS_URL: 'redis://redis:6379/2' }],
    [{ REDIS_URL: 'rediss://:secret@redis:6380' }],
    [{ REDIS_URL: 'redis://redis:6379', REDIS_CLUSTER: 'true' }],
    [{ REDIS_URL: 'rediss://redis:6379', REDIS_TLS_CA_FILE: AUTHORITY }],
    [{ REDIS_URL: 'rediss://redis:6379', REDIS_TLS_CA_FILE: AUTHORITIES }],
    [{ REDIS_URL: 'redis://us%40er:100%25@redis:6379/' }],
  ])('takes %j', (env) => {
    expect(problemsOf(env)).toEqual([]);
  });

  it.each([
    [{ REDIS_URL: 'http://redis' }, 'redis:// or rediss://'],
    [{ REDIS_URL: 'redis' }, 'redis:// or rediss://'],
    [{ REDIS_URL: 'redis:foo' }, 'redis:// or rediss://'],
    [{ REDIS_URL: 'redis://redis/abc' }, 'REDIS_URL must end in the number of a database, such as /0'],
    [{ REDIS_URL: 'redis://redis/-1' }, 'REDIS_URL must end in the number of a database, such as /0'],
    [{ REDIS_URL: 'redis://redis/0/1' }, 'REDIS_URL must end in the number of a database, such as /0'],
    [{ REDIS_URL: 'redis://user:%zz@redis' }, 'REDIS_URL must have its user and password percent-encoded'],
    [{ REDIS_URL: 'redis://%zz:p@redis' }, 'REDIS_URL must have its user and password percent-encoded'],
    [{ REDIS_CLUSTER: 'true' }, 'REDIS_CLUSTER=true needs REDIS_URL'],
    [{ REDIS_URL: 'redis://redis/3', REDIS_CLUSTER: 'true' }, 'database 0'],
    [{ REDIS_URL: 'redis://redis', REDIS_TLS_CA_FILE: 'package.json' }, 'needs a rediss://'],
    [{ REDIS_URL: 'rediss://redis', REDIS_TLS_CA_FILE: '/no/such/file' }, 'must be a readable file'],
    [{ REDIS_URL: 'rediss://redis', REDIS_TLS_CA_FILE: dir }, 'REDIS_TLS_CA_FILE must be a readable file'],
    [{ REDIS_URL: 'rediss://redis', REDIS_TLS_CA_FILE: 'package.json' }, 'must hold certificates in PEM'],
    [{ REDIS_URL: 'rediss://redis', REDIS_TLS_CA_FILE: BROKEN }, 'must hold certificates in PEM'],
    [{ REDIS_TLS_CA_FILE: 'package.json' }, 'REDIS_TLS_CA_FILE needs REDIS_URL'],
  ])('refuses %j', (env, words) => {
    expect(problemsOf(env).join()).toContain(words);
  });

  it('names no value in its problems', () => {
    expect(problemsOf({ REDIS_URL: 'http://user:hunter2@host' }).join()).not.toMatch(/hunter2|user|host/);
  });
});
