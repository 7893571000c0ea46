#!/usr/bin/env node
/**
 * Writes a folder `secrets` beside this file, or below the folder given, with one fresh random secret in each file.
 * Nobody but the owner gets into the folder; the files in it can be read by whoever gets one of them, because a
 * container runs as another user and is given the files of its own secrets alone. An existing folder stays as it is.
 */
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const folder = process.argv[2] ?? fileURLToPath(new URL('.', import.meta.url));
const into = `${folder}/secrets`;
const secret = () => randomBytes(32).toString('base64url');
const say = (line) => process.stderr.write(`${line}\n`);

if (existsSync(into)) {
  say('The folder secrets exists already and stays as it is.');
  process.exit(0);
}
const older = ['gateway.env', 'key-service.env', 'redis-password'].filter((name) =>
  existsSync(`${folder}/${name}`),
);
if (older.length > 0) {
  say(
    `${older.join(', ')}: secrets of an earlier version. UPGRADING.md says how they move; then run this again.`,
  );
  process.exit(1);
}

const redisPassword = secret();
const databasePassword = secret();
const files = {
  'admin-token': secret(),
  'auth-service-token': secret(),
  'cache-hmac-secret': secret(),
  'console-session-secrets': secret(),
  'database-password': databasePassword,
  'database-url': `postgres://keys:${databasePassword}@database:5432/keys`,
  'gateway-admin-token': secret(),
  'key-pepper': secret(),
  'metrics-token': secret(),
  'redis-password': redisPassword,
  'redis-url': `redis://:${redisPassword}@redis:6379/0`,
  'session-secrets': secret(),
};
mkdirSync(into, { mode: 0o700 });
for (const [name, content] of Object.entries(files))
  writeFileSync(`${into}/${name}`, `${content}\n`, { mode: 0o444, flag: 'wx' });
say('Wrote the folder secrets. The token in secrets/admin-token makes keys.');
