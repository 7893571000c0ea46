#!/usr/bin/env node
/**
 * Writes `gateway.env`, `key-service.env` and `redis-password` beside this file, with fresh random secrets and mode
 * 600: each container gets its own and no other's. Existing files stay as they are.
 */
import { randomBytes } from 'node:crypto';
import { existsSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const folder = process.argv[2] ?? fileURLToPath(new URL('.', import.meta.url));
const secret = () => randomBytes(32).toString('base64url');

const gatewayAdmin = secret();
const gatewayService = secret();
const redisPassword = secret();
const files = {
  'gateway.env': {
    GATEWAY_ADMIN_TOKEN: gatewayAdmin,
    HOKUSAI_AUTH_SERVICE_TOKEN: gatewayService,
    CACHE_HMAC_SECRET: secret(),
    SESSION_SECRETS: secret(),
    REDIS_URL: `redis://:${redisPassword}@redis:6379/0`,
  },
  'key-service.env': {
    HOKUSAI_ADMIN_TOKEN: secret(),
    KEY_PEPPER: secret(),
    SERVICE_TOKENS: gatewayService,
    GATEWAY_ADMIN_TOKEN: gatewayAdmin,
  },
  'redis-password': redisPassword,
};

const present = Object.keys(files).filter((name) => existsSync(`${folder}/${name}`));
if (present.length > 0) {
  process.stderr.write(`${present.join(' and ')} exist already and stay as they are.\n`);
  if (present.length < Object.keys(files).length)
    process.stderr.write('The other files would not fit them: move these away, and all are made anew.\n');
  process.exit(present.length === Object.keys(files).length ? 0 : 1);
}
for (const [name, content] of Object.entries(files)) {
  const text =
    typeof content === 'string'
      ? `${content}\n`
      : Object.entries(content)
          .map(([key, value]) => `${key}=${value}\n`)
          .join('');
  writeFileSync(`${folder}/${name}`, text, { mode: 0o600, flag: 'wx' });
}
process.stderr.write(
  'Wrote gateway.env, key-service.env and redis-password. HOKUSAI_ADMIN_TOKEN in key-service.env makes keys.\n',
);
