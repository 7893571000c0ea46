import { gzipSync } from 'node:zlib';
import { eventually } from '../../support/lib/eventually.js';
import { sendJson } from '../../support/servers/recording-upstream.js';
import { metric, startAuthSetup, type AuthSetup } from '../auth/setup.js';

const KEY = 'key-with-grants-0123456789abcdef';
const MANY_VALUES = `{"experiment_id":"1","tags":[${'{},'.repeat(10_000)}{}]}`;
const ONE_LONG_VALUE = `{"experiment_id":"1","run_name":"${'x'.repeat(MANY_VALUES.length)}"}`;

describe('what the bodies of keys with grants take in memory', () => {
  let setup: AuthSetup;
  beforeAll(async () => {
    setup = await startAuthSetup({ env: { ACCESS_MAX_BODIES_BYTES: String(2 * 1024 * 1024) } });
    setup.auth.know(KEY, {
      ...{ valid: true, key_id: 'k1', scopes: ['mlflow:manage'] },
      grants: { experiments: [{ id: '1', level: 'manage' }] },
    });
  });
  afterAll(() => setup?.close());

  const post = async (
    path: string,
    body: string | Buffer,
    headers: Record<string, string> = {},
  ): Promise<[number, string | undefined]> => {
    const response = await fetch(setup.gateway.url + path, {
      method: 'POST',
      headers: { authorization: `Bearer ${KEY}`, 'content-type': 'application/json', ...headers },
      body: body as BodyInit,
    });
    const { type } = (await response.json()) as { type?: string };
    return [response.status, type?.split('/').at(-1)];
  };
  const nothingIsHeld = (): Promise<unknown> =>
    eventually(async () => (await metric(setup.gateway, 'access_bodies_bytes')) === 0);

  it('counts, and not their length: short lists can be very large', async () => {
    const path = '/mlflow/api/2.0/mlflow/runs/create';
    expect(await post(path, ONE_LONG_VALUE)).toEqual([200, undefined]);
    expect(await post(path, MANY_VALUES)).toEqual([429, 'key-overloaded']);
    await nothingIsHeld();
    expect(await post(path, ONE_LONG_VALUE)).toEqual([200, undefined]);
  });

  it('counts inflated', async () => {
    const spans = { 'content-type': 'application/x-protobuf', 'x-mlflow-experiment-id': '1' };
    const body = gzipSync(Buffer.alloc(4 * 1024 * 1024));
    expect(await post('/mlflow/v1/traces', body, { ...spans, 'content-encoding': 'gzip' })).toEqual([
      429,
      'key-overloaded',
    ]);
    await nothingIsHeld();
  });

  it('counts answers that are held, until they are sent', async () => {
    const answer = (bytes: number): void =>
      setup.mlflow.answer((_request, response) =>
        sendJson(response, 200, { jobs: [{ params: { experiment_id: '1' }, x: 'x'.repeat(bytes) }] }),
      );
    const search = (): Promise<[number, string | undefined]> =>
      post('/mlflow/ajax-api/3.0/jobs/search', '{}');
    answer(100_000);
    expect(await search()).toEqual([200, undefined]);
    await nothingIsHeld();
    answer(2_000_000);
    expect(await search()).toEqual([429, 'key-overloaded']);
    await nothingIsHeld();
    answer(100_000);
    expect(await search()).toEqual([200, undefined]);
  });

  it('counts in questions too', async () => {
    const question = { method: 'POST', path: '/api/2.0/mlflow/runs/create', body: MANY_VALUES + MANY_VALUES };
    expect(await post('/explain', JSON.stringify(question))).toEqual([429, 'key-overloaded']);
    const other = { ...question, body: { experiment_id: '1' } };
    expect(await post('/explain', JSON.stringify(other))).toEqual([200, undefined]);
    await nothingIsHeld();
  });
});
