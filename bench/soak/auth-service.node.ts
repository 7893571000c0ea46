/**
 * Says yes to keys `hk_live_soak…` but for those that stand in the file of revoked ones. It can be killed,
 * started again and paused. Arguments: port, file of revoked keys, one a line.
 */
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';

const [port, revokedFile = ''] = process.argv.slice(2);

createServer((request, response) => {
  request.resume();
  const key = /^Bearer (hk_live_soak\w+)$/.exec(request.headers.authorization ?? '')?.[1];
  const revoked = key !== undefined && readFileSync(revokedFile, 'utf8').split('\n').includes(key);
  const good = key !== undefined && !revoked;
  response.writeHead(good ? 200 : 401, { 'content-type': 'application/json' });
  response.end(
    JSON.stringify(
      good
        ? {
            valid: true,
            key_id: key.slice(8),
            user_id: 'soak',
            service_id: 'ml-platform',
            scopes: ['mlflow:access'],
            rate_limit_per_hour: 1_000_000_000,
            burst: 1_000_000_000,
          }
        : { detail: 'Invalid or expired API key' },
    ),
  );
}).listen(Number(port), '127.0.0.1');
