import { request } from 'node:http';
import {
  ask,
  KEY,
  MLFLOW_PATH,
  OTHER_KEY,
  startAuthSetup,
  type AuthSetup,
  type HeaderList,
} from './setup.js';

const basic = (user: string, password: string): string =>
  `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;

let setup: AuthSetup;
beforeAll(async () => {
  setup = await startAuthSetup({ env: { ALLOW_QUERY_API_KEY: 'true' } });
  setup.auth.know(KEY, { valid: true, key_id: 'k1', allowed_ips: null });
});
afterAll(() => setup?.close());
beforeEach(() => {
  setup.mlflow.requests.length = 0;
});

describe('a key opens the way to MLflow and does not go there, from', () => {
  it.each<[string, HeaderList, string]>([
    ['Authorization: Bearer', { authorization: `Bearer ${KEY}` }, ''],
    ['Authorization: bearer', { authorization: `bearer ${KEY}` }, ''],
    ['Authorization: ApiKey', { authorization: `ApiKey ${KEY}` }, ''],
    ['Authorization: Basic', { authorization: basic('scientist', KEY) }, ''],
    ['Authorization alone', { authorization: KEY }, ''],
    ['X-API-Key', { 'x-api-key': KEY }, ''],
    ['X-Hokusai-API-Key', { 'x-hokusai-api-key': KEY }, ''],
    ['X-Goog-API-Key', { 'x-goog-api-key': KEY }, ''],
    ['API-Key', { 'api-key': KEY }, ''],
    ['X-MLflow-Authorization', { 'x-mlflow-authorization': `Bearer ${KEY}` }, ''],
    [
      'X-MLflow-Authorization beside others',
      { 'x-mlflow-authorization': KEY, authorization: `Bearer ${OTHER_KEY}`, 'x-api-key': 'third' },
      '',
    ],
    [
      'every header at once',
      {
        authorization: KEY,
        'x-api-key': KEY,
        'x-hokusai-api-key': KEY,
        'x-goog-api-key': KEY,
        'api-key': KEY,
      },
      '',
    ],
    ['two places', { authorization: `Bearer ${KEY}`, 'x-api-key': KEY }, ''],
    ['the query', {}, `?max_results=1&api_key=${KEY}`],
  ])('%s', async (_place, headers, query) => {
    const answer = await ask(setup.gateway, headers, MLFLOW_PATH + query);
    expect(answer.status).toBe(200);
    const [seen] = setup.mlflow.requests;
    expect(seen?.headers['x-hokusai-api-key-id']).toBe('k1');
    for (const secret of [KEY, OTHER_KEY, 'third', Buffer.from(KEY).toString('base64').slice(4, 20)])
      expect(JSON.stringify([seen?.url, seen?.rawHeaders])).not.toContain(secret);
  });
});

it('a second Authorization header with another key is a conflict, though Node shows only the first', async () => {
  const status = await new Promise<number | undefined>((resolve, reject) => {
    const { hostname, port } = new URL(setup.gateway.url);
    // A flat list is sent as it stands.
    const headers = [
      'Host',
      hostname,
      'Authorization',
      `Bearer ${KEY}`,
      'Authorization',
      `Bearer ${OTHER_KEY}`,
    ];
    const call = request({ hostname, port, path: MLFLOW_PATH, headers }, (response) => {
      response.resume();
      resolve(response.statusCode);
    });
    call.on('error', reject).end();
  });
  expect(status).toBe(400);
  expect(setup.mlflow.requests).toEqual([]);
});

it('the log has no key, wherever it travelled', () => {
  for (const secret of [KEY, OTHER_KEY, basic('scientist', KEY).slice(8)])
    expect(setup.gateway.logs.raw).not.toContain(secret);
});
