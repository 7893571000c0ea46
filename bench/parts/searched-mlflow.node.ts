/**
 * An MLflow that knows one list of experiments, and an auth service whose keys are granted a third of them. Arguments:
 * upstream port, auth port, and `lists` where the upstream takes lists in its filters.
 */
import { createServer, type ServerResponse } from 'node:http';

const [upstreamPort = 0, authPort = 0] = process.argv.slice(2, 4).map(Number);
const takesLists = process.argv[4] === 'lists';
const COUNT = 150;
const json = { 'content-type': 'application/json' };

const all = Array.from({ length: COUNT }, (_, n) => ({
  experiment_id: String(n),
  name: `team-${n % 3 === 0 ? 'a' : 'b'}/experiment-${n}`,
  artifact_location: `mlflow-artifacts:/${n}`,
  lifecycle_stage: 'active',
  creation_time: 1_700_000_000_000 + n,
  last_update_time: 1_700_000_000_000 + n,
}));
const granted = all.filter((_, n) => n % 3 === 0);

function answer(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, json).end(JSON.stringify(body));
}

createServer((request, response) => {
  request.resume();
  const { searchParams } = new URL(request.url ?? '', 'http://mlflow');
  const isList = searchParams.get('filter')?.includes(' IN (') === true;
  if (isList && !takesLists) return void answer(response, 400, { error_code: 'INVALID_PARAMETER_VALUE' });
  const rows = isList ? granted : all;
  const size = Number(searchParams.get('max_results') ?? 25);
  answer(response, 200, {
    experiments: rows.slice(0, size),
    ...(rows.length > size && {
      next_page_token: Buffer.from(JSON.stringify({ offset: size })).toString('base64'),
    }),
  });
}).listen(upstreamPort, '127.0.0.1');

createServer((request, response) => {
  request.resume();
  const id = /^Bearer hk_live_([A-Za-z0-9]{32})$/.exec(request.headers.authorization ?? '')?.[1];
  if (id === undefined) return void answer(response, 401, { detail: 'Invalid or expired API key' });
  const isOpen = id.startsWith('open');
  answer(response, 200, {
    valid: true,
    key_id: `id-${id}`,
    service_id: 'ml-platform',
    scopes: [isOpen ? 'mlflow:access' : 'mlflow:read'],
    rate_limit_per_hour: 1_000_000_000,
    burst: 1_000_000_000,
    ...(!isOpen && {
      grants: { experiments: granted.map(({ experiment_id: one }) => ({ id: one, level: 'read' })) },
    }),
  });
}).listen(authPort, '127.0.0.1');
