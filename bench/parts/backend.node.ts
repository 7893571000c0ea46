/** What backend.nginx.conf is, where there is no nginx. Arguments: upstream port, auth port. */
import { createServer } from 'node:http';

const [upstreamPort = 0, authPort = 0] = process.argv.slice(2).map(Number);
const json = { 'content-type': 'application/json' };
const experiments = JSON.stringify({
  experiments: [{ experiment_id: '0', name: 'Default', artifact_location: 'mlflow-artifacts:/0' }],
});

createServer((request, response) => {
  request.resume();
  response.writeHead(200, { ...json, 'content-length': experiments.length }).end(experiments);
}).listen(upstreamPort, '127.0.0.1');

createServer((request, response) => {
  request.resume();
  const id = /^Bearer hk_live_([A-Za-z0-9]{32})$/.exec(request.headers.authorization ?? '')?.[1];
  if (id === undefined)
    return void response.writeHead(401, json).end('{"detail":"Invalid or expired API key"}');
  const limits = { rate_limit_per_hour: 1_000_000_000, burst: 1_000_000_000 };
  const facts = { valid: true, key_id: `id-${id}`, user_id: 'bench', service_id: 'ml-platform' };
  response.writeHead(200, json).end(JSON.stringify({ ...facts, scopes: ['mlflow:access'], ...limits }));
}).listen(authPort, '127.0.0.1');
