import { createHook } from 'node:async_hooks';
import { randomUUID } from 'node:crypto';
import { DatabaseSync } from 'node:sqlite';
import pg from 'pg';
import type { KeyUsageResponse, UsageAcceptedResponse } from '../../../src/contracts/usage/usage.js';
import { ENGINES, startKeyDatabases, type KeyDatabases } from '../../support/servers/key-databases.js';
import { startTestKeyService, type TestKeyService } from '../../support/systems/key-service.js';
import { metricsOf } from '../../support/lib/metrics.js';

const MANY = 80_000;

interface Key {
  key_id: string;
  api_key: string;
}

const newKey = async (service: TestKeyService): Promise<Key> =>
  (
    await service.call<Key & Record<string, unknown>>('POST', '/keys', {
      name: 'n',
      service_id: 'ml-platform',
    })
  ).body;

async function report(
  service: TestKeyService,
  { key_id }: Key,
  count: number,
): Promise<UsageAcceptedResponse> {
  const records = Array.from({ length: count }, () => ({
    id: randomUUID(),
    key_id,
    endpoint: 'POST /api/2.0/mlflow/runs/search',
    timestamp: new Date().toISOString(),
    response_time_ms: 3,
    status_code: 200,
  }));
  const { status, body } = await service.call('POST', '/usage', { records });
  expect(status).toBe(202);
  return body as unknown as UsageAcceptedResponse;
}

describe.each(ENGINES)('analytics of the key service on %s', (engine) => {
  let databases: KeyDatabases;

  beforeAll(async () => {
    databases = await startKeyDatabases(engine);
  });

  afterAll(() => databases?.close());

  it('that wait are written before the service stops, which it says last', async () => {
    const env = { DATABASE_URL: await databases.next(), USAGE_FLUSH_INTERVAL_MS: '600000' };
    const first = await startTestKeyService(env);
    const key = await newKey(first);
    expect(await report(first, key, 750)).toEqual({ accepted: 750, dropped: 0 });
    await first.close();
    expect(first.logs.lines.slice(-3)).toMatchObject([
      { event: 'draining', delay_ms: 0 },
      { event: 'closing', in_flight: 0 },
      { event: 'stopped', cut: 0 },
    ]);
    const second = await startTestKeyService(env);
    const usage = await second.call<KeyUsageResponse>('GET', `/keys/${key.key_id}/usage`);
    expect(usage.body.total_requests).toBe(750);
    await second.close();
  });
});

it('a summary of very many rows holds up no validation on SQLite', async () => {
  const databases = await startKeyDatabases('sqlite');
  const url = await databases.next();
  const service = await startTestKeyService({ DATABASE_URL: url });
  try {
    const key = await newKey(service);
    const at = new Date(Math.floor(Date.now() / 60_000) * 60_000).toISOString();
    const file = new DatabaseSync(url.slice('sqlite:///'.length));
    file.exec(`with recursive n(i) as (select 1 union all select i + 1 from n where i < ${MANY})
      insert into api_key_usage (id, api_key_id, endpoint, timestamp, response_time_ms, status_code,
        bytes_in, bytes_out, client_ip) select 'row-' || i, '${key.key_id}', 'POST /e' || (i % 9), '${at}', i % 300, 200, 1, 1,
        '192.0.2.' || (i % 200) from n`);
    file.close();
    let summing = true;
    const summary = service
      .call<KeyUsageResponse>('GET', `/keys/${key.key_id}/usage`)
      .finally(() => (summing = false));
    let validated = 0;
    for (; summing; validated++) {
      const { status } = await service.call('POST', '/keys/validate', { api_key: key.api_key }, {});
      expect(status).toBe(200);
    }
    expect((await summary).body.total_requests).toBe(MANY);
    expect(validated).toBeGreaterThan(10);
  } finally {
    await service.close();
    await databases.close();
  }
});

it('a SQLite database that is small is read without a thread of its own', async () => {
  const databases = await startKeyDatabases('sqlite');
  let threads = 0;
  const hook = createHook({ init: (_id, type) => void (threads += Number(type === 'WORKER')) }).enable();
  const service = await startTestKeyService({ DATABASE_URL: await databases.next() });
  try {
    const { key_id } = await newKey(service);
    const { body } = await service.call<{ keys: Key[] }>('GET', '/keys');
    expect(body.keys).toMatchObject([{ key_id }]);
    expect(threads).toBe(0);
  } finally {
    hook.disable();
    await service.close();
    await databases.close();
  }
});

it('reports that take long leave connections to validations, and beyond a bound they are told to wait', async () => {
  const databases = await startKeyDatabases('postgres');
  const url = await databases.next();
  const env = { DATABASE_URL: url, DATABASE_POOL_SIZE: '2', DATABASE_TIMEOUT_MS: '3000' };
  const service = await startTestKeyService(env);
  const blocker = new pg.Client({ connectionString: url });
  await blocker.connect();
  try {
    const key = await newKey(service);
    await blocker.query('begin; lock table api_key_usage in access exclusive mode');
    const reports = Array.from({ length: 60 }, () => service.call('GET', '/usage/summary'));
    const first = await Promise.race(reports);
    expect(first).toMatchObject({ status: 503, body: { error_code: 'TEMPORARILY_UNAVAILABLE' } });
    const { status } = await service.call('POST', '/keys/validate', { api_key: key.api_key }, {});
    expect(status).toBe(200);
    await blocker.query('commit');
    const statuses = new Set((await Promise.all(reports)).map((answer) => answer.status));
    expect([...statuses].sort()).toEqual([200, 503]);
  } finally {
    await blocker.end();
    await service.close();
    await databases.close();
  }
});

it('validations go on while analytics cannot be written, and only analytics are dropped, and counted', async () => {
  const databases = await startKeyDatabases('postgres');
  const url = await databases.next();
  const service = await startTestKeyService({
    DATABASE_URL: url,
    DATABASE_POOL_SIZE: '2',
    DATABASE_TIMEOUT_MS: '1000',
    USAGE_FLUSH_INTERVAL_MS: '10',
    USAGE_QUEUE_LIMIT: '1500',
    LAST_USED_FLUSH_INTERVAL_MS: '10',
  });
  const blocker = new pg.Client({ connectionString: url });
  await blocker.connect();
  try {
    const key = await newKey(service);
    await blocker.query('begin; lock table api_key_usage in access exclusive mode');
    let dropped = 0;
    for (let round = 0; round < 30; round++) {
      dropped += (await report(service, key, 100)).dropped;
      const { status } = await service.call('POST', '/keys/validate', { api_key: key.api_key }, {});
      expect(status).toBe(200);
    }
    expect(dropped).toBe(1500);
    const metrics = await metricsOf(service);
    expect(metrics).toContain('usage_records_total{outcome="dropped"} 1500');
    await blocker.query('commit');
    await service.close();
    const { rows } = await blocker.query('select 1 from api_key_usage');
    expect(rows).toHaveLength(1500);
  } finally {
    await blocker.end();
    await databases.close();
  }
});
