import { sql } from 'kysely';
import { randomUUID } from 'node:crypto';
import { Database } from '../../../src/key-service/storage/database.js';
import { UsageRecorder } from '../../../src/key-service/usage/records/usage.recorder.js';
import { UsageRetention } from '../../../src/key-service/usage/usage-retention.js';
import type { AuditResponse, AuditVerification } from '../../../src/contracts/admin/audit.js';
import type {
  KeyUsageResponse,
  UsageRecord,
  UsageSummaryResponse,
} from '../../../src/contracts/usage/usage.js';
import { ManualClock } from '../../support/lib/manual-clock.js';
import { ENGINES, startKeyDatabases, type KeyDatabases } from '../../support/servers/key-databases.js';
import {
  afterFirstSweep,
  startTestKeyService,
  TEST_ADMIN_TOKEN as ADMIN,
  type TestKeyService,
} from '../../support/systems/key-service.js';
import { metricsOf } from '../../support/lib/metrics.js';

const SERVICE = 'a-service-token-for-tests';
const DAY = Date.UTC(2026, 2, 14);

describe.each(ENGINES)('usage and audit of the key service on %s', (engine) => {
  const clock = new ManualClock(DAY + 86_400_000);
  let databases: KeyDatabases;
  let service: TestKeyService;
  let keyId: string;

  beforeAll(async () => {
    databases = await startKeyDatabases(engine);
    const env = {
      DATABASE_URL: await databases.next(),
      SERVICE_TOKENS: SERVICE,
      USAGE_QUEUE_LIMIT: '2000',
      USAGE_FLUSH_INTERVAL_MS: '600000',
    };
    service = await startTestKeyService(env, { clock });
    keyId = await createKey('first');
  });

  afterAll(async () => {
    await service?.close();
    await databases?.close();
  });

  const call = async <T>(
    method: string,
    path: string,
    body?: unknown,
    token = ADMIN,
  ): Promise<{ status: number; body: T }> => {
    const response = await fetch(service.url + path, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, body: (text === '' ? undefined : JSON.parse(text)) as T };
  };

  const createKey = async (name: string): Promise<string> => {
    const { body } = await call<{ key_id: string }>('POST', '/api/v1/keys', {
      name,
      service_id: 'ml-platform',
    });
    return body.key_id;
  };

  const flush = (): Promise<void> => service.app.get(UsageRecorder, { strict: false }).flush();

  const record = (more: Partial<UsageRecord> = {}): UsageRecord => ({
    id: randomUUID(),
    key_id: keyId,
    endpoint: 'POST /api/2.0/mlflow/runs/search',
    timestamp: new Date(DAY).toISOString(),
    response_time_ms: 10,
    status_code: 200,
    bytes_in: 3,
    bytes_out: 5,
    client_ip: '192.0.2.1',
    ...more,
  });

  const wholeDay = `from=${new Date(DAY).toISOString()}&to=${new Date(DAY + 86_400_000).toISOString()}`;

  it('a day of traffic gives a summary that equals the sum of its requests', async () => {
    const id = await createKey('day');
    // A small generator with a fixed seed: the day is the same in every run.
    let seed = 42;
    const random = (below: number): number => (seed = (seed * 1103515245 + 12345) % 2147483648) % below;
    const records = Array.from({ length: 3000 }, () =>
      record({
        key_id: id,
        endpoint: ['POST /a', 'GET /b', 'PUT /c'][random(3)] as string,
        timestamp: new Date(DAY + random(86_400_000)).toISOString(),
        response_time_ms: random(500),
        status_code: [200, 200, 200, 404, 503][random(5)] as number,
        bytes_in: random(1000),
        bytes_out: random(100_000),
      }),
    );
    for (let start = 0; start < records.length; start += 1000) {
      const answer = await call(
        'POST',
        '/api/v1/usage',
        { records: records.slice(start, start + 1000) },
        SERVICE,
      );
      expect(answer).toEqual({ status: 202, body: { accepted: 1000, dropped: 0 } });
      await flush();
    }

    for (const period of ['hour', 'day']) {
      const { body } = await call<UsageSummaryResponse>(
        'GET',
        `/api/v1/usage/summary?${wholeDay}&key_id=${id}&period=${period}`,
      );
      const sum = (pick: (row: UsageSummaryResponse['rows'][number]) => number): number =>
        body.rows.reduce((total, row) => total + pick(row), 0);
      expect(body.total_requests).toBe(3000);
      expect(body.summed_up).toBeNull();
      expect(sum((row) => row.requests)).toBe(3000);
      expect(body.total_errors).toBe(records.filter((r) => r.status_code >= 400).length);
      expect(sum((row) => row.errors)).toBe(body.total_errors);
      expect(sum((row) => row.bytes_out)).toBe(records.reduce((total, r) => total + (r.bytes_out ?? 0), 0));
      for (const row of body.rows) {
        const end = Date.parse(row.period_start) + (period === 'hour' ? 3_600_000 : 86_400_000);
        const times = records
          .filter((r) => r.endpoint === row.endpoint)
          .filter(
            (r) => Date.parse(r.timestamp) >= Date.parse(row.period_start) && Date.parse(r.timestamp) < end,
          )
          .map((r) => r.response_time_ms)
          .sort((a, b) => a - b);
        const rank = (percent: number): number =>
          times[Math.ceil((times.length * percent) / 100) - 1] as number;
        expect([
          row.requests,
          row.response_time_ms_p50,
          row.response_time_ms_p95,
          row.response_time_ms_p99,
        ]).toEqual([times.length, rank(50), rank(95), rank(99)]);
      }
    }
  });

  it('says how many requests came by browser; one whose reporter does not say does not count', async () => {
    const id = await createKey('by browser');
    const records = (['session', 'session', 'key', undefined] as const).map((source) =>
      record({ key_id: id, ...(source && { source }) }),
    );
    expect((await call('POST', '/api/v1/usage', { records })).status).toBe(202);
    await flush();
    const { body } = await call<KeyUsageResponse>('GET', `/api/v1/keys/${id}/usage?${wholeDay}`);
    expect([body.total_requests, body.total_session_requests]).toEqual([4, 2]);
    expect(body.rows).toMatchObject([{ requests: 4, session_requests: 2 }]);
    const wrong = await call('POST', '/api/v1/usage', { records: [{ ...record(), source: 'cookie' }] });
    expect(wrong).toMatchObject({ status: 400, body: { errors: [{ field: 'records.0.source' }] } });
  });

  it('a batch that is delivered twice counts once', async () => {
    const id = await createKey('twice');
    const records = [record({ key_id: id }), record({ key_id: id })];
    await call('POST', '/api/v1/usage', { records });
    await flush();
    await call('POST', '/api/v1/usage', { records });
    await flush();
    const { body } = await call<KeyUsageResponse>('GET', `/api/v1/keys/${id}/usage?${wholeDay}`);
    expect(body.total_requests).toBe(2);
  });

  it('says by which address a key was used last, and when', async () => {
    const id = await createKey('addresses');
    const at = (minute: number): string => new Date(DAY + minute * 60_000).toISOString();
    await call('POST', `/api/v1/usage/${id}`, {
      ...record({ timestamp: at(1) }),
      id: undefined,
      key_id: undefined,
    });
    await call('POST', '/api/v1/usage', {
      records: [
        record({ key_id: id, client_ip: '2001:db8::1', timestamp: at(9) }),
        record({ key_id: id, timestamp: at(5) }),
      ],
    });
    await flush();
    const { body } = await call<KeyUsageResponse>('GET', `/api/v1/keys/${id}/usage?${wholeDay}`);
    expect(body.last_used_by).toEqual([
      { address: '2001:db8::1', at: at(9) },
      { address: '192.0.2.1', at: at(5) },
    ]);
  });

  it('leaves out records of unknown keys, also of other auth services, and takes the rest', async () => {
    const records = [record({ key_id: randomUUID() }), record({ key_id: 'key-7' }), record()];
    expect(await call('POST', '/api/v1/usage', { records })).toEqual({
      status: 202,
      body: { accepted: 1, dropped: 2 },
    });
    expect(
      (await call('POST', `/api/v1/usage/${randomUUID()}`, { ...record(), key_id: undefined })).status,
    ).toBe(404);
    await flush();
  });

  it('drops and counts what it has no room for', async () => {
    for (const taken of [1000, 1000, 0]) {
      const { body } = await call('POST', '/api/v1/usage', {
        records: Array.from({ length: 1000 }, () => record()),
      });
      expect(body).toEqual({ accepted: taken, dropped: 1000 - taken });
    }
    expect(await metricsOf(service)).toContain('usage_records_total{outcome="dropped"} 1000');
    await flush();
  });

  it('names every wrong field of a batch', async () => {
    const { status, body } = await call<{ errors: { field: string }[] }>('POST', '/api/v1/usage', {
      records: [record(), { ...record(), status_code: 7, endpoint: 'a\u0000b' }, 'text'],
    });
    expect(status).toBe(400);
    expect(body.errors.map(({ field }) => field).sort()).toEqual([
      'records.1.endpoint',
      'records.1.status_code',
      'records.2',
    ]);
  });

  it.each([
    ['POST', '/api/v1/usage'],
    ['GET', '/api/v1/usage/summary'],
    ['GET', '/api/v1/audit'],
    ['GET', '/api/v1/audit/verify'],
    ['GET', `/api/v1/keys/${randomUUID()}/usage`],
  ])('%s %s is closed without a token', async (method, path) => {
    expect(
      (await call(method, path, method === 'POST' ? { records: [] } : undefined, 'nobody-has-this-token'))
        .status,
    ).toBe(401);
  });

  it('a service may report, and see nothing', async () => {
    expect((await call('POST', '/api/v1/usage', { records: [] }, SERVICE)).status).toBe(202);
    expect((await call('GET', '/api/v1/usage/summary', undefined, SERVICE)).status).toBe(401);
  });

  it.each([
    'from=tomorrow',
    'period=week',
    'from=2026-05-01T00:00:00Z&to=2026-04-01T00:00:00Z',
    'colour=red',
  ])('refuses the query %s', async (query) =>
    expect((await call('GET', `/api/v1/usage/summary?${query}`)).status).toBe(400),
  );

  it.each([
    ['an hour and a second ahead', 3_601_000, 'must be at most an hour ahead of now'],
    ['of the next century', 100 * 366 * 86_400_000, 'must be at most an hour ahead of now'],
    ['of 367 days ago', -367 * 86_400_000, 'must be at most 366 days old'],
  ])('refuses usage of a time far from now: %s', async (_title, fromNowMs, message) => {
    const timestamp = new Date(clock.now() + fromNowMs).toISOString();
    const batch = await call<{ errors: object[] }>('POST', '/api/v1/usage', {
      records: [record(), record({ timestamp })],
    });
    const words = expect.stringContaining(message) as string;
    expect(batch).toMatchObject({
      status: 400,
      body: { errors: [{ field: 'records.1.timestamp', message: words }] },
    });
    const { id: _id, key_id, ...one } = record({ timestamp });
    expect(await call('POST', `/api/v1/usage/${key_id}`, one)).toMatchObject({
      status: 400,
      body: { errors: [{ field: 'timestamp', message: words }] },
    });
  });

  it('takes usage of a clock that is an hour ahead, and what has waited for a year', async () => {
    await afterFirstSweep(service);
    const records = [3_600_000, -366 * 86_400_000].map((fromNowMs) =>
      record({ timestamp: new Date(clock.now() + fromNowMs).toISOString() }),
    );
    expect((await call('POST', '/api/v1/usage', { records })).status).toBe(202);
    await flush();
    expect(await service.app.get(UsageRetention, { strict: false }).sweep()).toBe(1);
  });

  it('a summary of more rows than fit gives the largest, and says what the others come to', async () => {
    const id = await createKey('many');
    const used = Array.from({ length: 5 }, () => record({ key_id: id, endpoint: 'POST /used' }));
    await call('POST', '/api/v1/usage', { records: used });
    await flush();
    const newId = "'00000000-0000-4000-8000-' || (100000000000 + n)";
    await sql
      .raw(
        `with recursive numbers(n) as (select 0 union all select n + 1 from numbers where n < 10003)
        insert into api_key_usage (id, api_key_id, endpoint, timestamp, response_time_ms, status_code, bytes_in, bytes_out)
        select ${engine === 'postgres' ? `cast(${newId} as uuid)` : newId}, '${id}', 'GET /' || n, '${new Date(DAY).toISOString()}',
          10, 404, 3, 5 from numbers`,
      )
      .execute(service.app.get(Database).db);
    const { status, body } = await call<UsageSummaryResponse>(
      'GET',
      `/api/v1/usage/summary?${wholeDay}&key_id=${id}`,
    );
    expect(status).toBe(200);
    expect(body).toMatchObject({ total_requests: 10_009, total_errors: 10_004 });
    expect(body.rows).toHaveLength(10_000);
    expect(body.rows.filter((row) => row.requests > 1)).toMatchObject([
      { endpoint: 'POST /used', requests: 5 },
    ]);
    expect(body.summed_up).toEqual({
      rows: 5,
      requests: 5,
      session_requests: 0,
      errors: 5,
      bytes_in: 15,
      bytes_out: 25,
    });
  });

  it('removes usage that is older than its retention', async () => {
    await afterFirstSweep(service);
    const id = await createKey('old');
    await call('POST', '/api/v1/usage', {
      records: [record({ key_id: id, timestamp: '2025-10-01T00:00:00Z' }), record({ key_id: id })],
    });
    await flush();
    expect(await service.app.get(UsageRetention, { strict: false }).sweep()).toBe(1);
    const { body } = await call<KeyUsageResponse>('GET', `/api/v1/keys/${id}/usage?${wholeDay}`);
    expect(body.total_requests).toBe(1);
  });

  it('every key operation is in the audit log, page by page, without a key or a token', async () => {
    const id = await createKey('audited');
    await call('PATCH', `/api/v1/keys/${id}`, { name: 'renamed' });
    await call('DELETE', `/api/v1/keys/${id}`);
    const first = await call<AuditResponse>('GET', `/api/v1/audit?key_id=${id}&limit=2`);
    const second = await call<AuditResponse>(
      'GET',
      `/api/v1/audit?key_id=${id}&limit=2&cursor=${first.body.next_cursor}`,
    );
    const entries = [...first.body.entries, ...second.body.entries];
    expect(entries.map((entry) => entry.action)).toEqual(['key.revoked', 'key.updated', 'key.created']);
    expect(second.body.next_cursor).toBeNull();
    expect(entries[0]).toMatchObject({
      actor: expect.stringMatching(/^admin:/),
      client_ip: '127.0.0.1',
      key_id: id,
    });
    expect(JSON.stringify(entries)).not.toMatch(new RegExp(`${ADMIN}|hk_live_[0-9A-Za-z]{20}`));
  });

  it('the audit chain verifies, and shows the first entry that was changed', async () => {
    const { body } = await call<AuditVerification>('GET', '/api/v1/audit/verify');
    expect(body).toMatchObject({ valid: true, broken_at_seq: null });
    expect(body.entries).toBeGreaterThan(5);

    const { db } = service.app.get(Database, { strict: false });
    const tamper = sql`update audit_log set actor = 'nobody' where seq = 3`;
    await expect(tamper.execute(db)).rejects.toThrow('append-only');
    await sql
      .raw(
        engine === 'sqlite'
          ? 'drop trigger audit_log_no_update'
          : 'drop trigger audit_log_no_change on audit_log',
      )
      .execute(db);
    await tamper.execute(db);
    const broken = await call<AuditVerification>('GET', '/api/v1/audit/verify');
    expect(broken.body).toMatchObject({ valid: false, broken_at_seq: 3 });
  });
});
