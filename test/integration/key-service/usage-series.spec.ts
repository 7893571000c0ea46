import { sql } from 'kysely';
import { randomUUID } from 'node:crypto';
import { Database } from '../../../src/key-service/storage/database.js';
import { statusOf } from '../../../src/key-service/usage/sums/usage-sums.js';
import { UsageRecorder } from '../../../src/key-service/usage/records/usage.recorder.js';
import { UsageRetention } from '../../../src/key-service/usage/usage-retention.js';
import { UsageSummer } from '../../../src/key-service/usage/sums/usage-summer.js';
import type { UsageSeriesResponse } from '../../../src/contracts/usage/usage-series.js';
import type { UsageRecord } from '../../../src/contracts/usage/usage.js';
import { ENGINES, startKeyDatabases, type KeyDatabases } from '../../support/servers/key-databases.js';
import {
  afterFirstSweep,
  startTestKeyService,
  type TestKeyService,
} from '../../support/systems/key-service.js';
import { ManualClock } from '../../support/lib/manual-clock.js';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const NOW = Date.UTC(2026, 2, 14, 10, 30);

type SentRecord = UsageRecord & { user: string; service: string };

describe.each(ENGINES)('usage over time on %s', (engine) => {
  const clock = new ManualClock(NOW);
  let databases: KeyDatabases;
  let service: TestKeyService;
  const sent: SentRecord[] = [];

  const createKey = async (fields: object): Promise<string> => {
    const { body } = await service.call('POST', '/keys', { name: 'n', service_id: 'ml-platform', ...fields });
    return body['key_id'] as string;
  };
  const flush = (): Promise<void> => service.app.get(UsageRecorder, { strict: false }).flush();
  const series = async (query: string): Promise<UsageSeriesResponse> => {
    const { status, body } = await service.call<UsageSeriesResponse>('GET', `/usage/series?${query}`);
    expect(status).toBe(200);
    return body;
  };

  beforeAll(async () => {
    databases = await startKeyDatabases(engine);
    service = await startTestKeyService(
      { DATABASE_URL: await databases.next(), USAGE_FLUSH_INTERVAL_MS: '600000' },
      { clock },
    );
    await service.call('POST', '/services', { service_id: 'batch' });
    const owners = [
      ['ana', 'ml-platform'],
      ['ana', 'batch'],
      ['bo', 'ml-platform'],
      ['', 'ml-platform'],
    ] as const;
    const keys: { id: string; user: string; service: string }[] = [];
    for (const [user, service_id] of owners)
      keys.push({
        id: await createKey({ name: `${user} at ${service_id}`, service_id, ...(user && { user_id: user }) }),
        user,
        service: service_id,
      });
    // A small generator with a fixed seed: the days are the same in every run.
    let seed = 7;
    const random = (below: number): number => {
      seed = (seed * 1103515245 + 12345) % 2147483648;
      return Math.floor((seed / 2147483648) * below);
    };
    for (let n = 0; n < 2000; n++) {
      const key = keys[Math.min(random(6), 3)] as (typeof keys)[number];
      sent.push({
        id: randomUUID(),
        key_id: key.id,
        user: key.user,
        service: key.service,
        endpoint: ['POST /a', 'GET /b', 'PUT /c'][random(3)] as string,
        timestamp: new Date(NOW - random(4 * DAY_MS)).toISOString(),
        response_time_ms: random(500),
        status_code: [200, 302, 200, 404, 429, 503][random(6)] as number,
        bytes_in: random(1000),
        bytes_out: random(100_000),
      });
    }
    for (let start = 0; start < sent.length; start += 1000) {
      const records = sent.slice(start, start + 1000).map(({ user: _u, service: _s, ...record }) => record);
      await service.call('POST', '/usage', { records });
      await flush();
      // Delivered twice, they count once.
      await service.call('POST', '/usage', { records: records.slice(0, 10) });
      await flush();
    }
  });

  afterAll(async () => {
    await service?.close();
    await databases?.close();
  });

  const GROUP_OF: Record<string, (record: SentRecord) => string | null> = {
    key: (record) => record.key_id,
    endpoint: (record) => record.endpoint,
    user: (record) => record.user || null,
    service: (record) => record.service,
    status: (record) => statusOf(record.status_code),
  };
  const from = (ms: number): string => new Date(NOW - ms).toISOString();

  it.each([
    ['status', 'hour', 4 * DAY_MS, ''],
    ['key', 'hour', 4 * DAY_MS, ''],
    ['key', 'hour', 5 * HOUR_MS, ''],
    ['key', 'day', 4 * DAY_MS, '&status=limited'],
    ['user', 'hour', 3 * DAY_MS, ''],
    ['service', 'day', 4 * DAY_MS, '&user_id=ana'],
    ['endpoint', 'hour', 4 * DAY_MS, '&service_id=batch'],
    ['endpoint', 'day', 4 * DAY_MS, '&user_id=ana'],
    ['key', 'day', 4 * DAY_MS, '&user_id=ana'],
    ['user', 'day', 4 * DAY_MS, '&service_id=ml-platform&status=limited'],
    ['user', 'hour', 5 * HOUR_MS, '&user_id=ana'],
    ['status', 'day', 4 * DAY_MS, '&user_id=bo'],
    ['status', 'minute', 6 * HOUR_MS, ''],
    ['key', 'minute', 2 * HOUR_MS, '&service_id=ml-platform&status=server_error'],
  ])('by %s and %s: every point is the number of its records', async (by, period, lengthMs, filters) => {
    const filter = new URLSearchParams(filters);
    const answer = await series(`group_by=${by}&period=${period}&from=${from(lengthMs)}${filters}`);
    const periodMs = { minute: 60_000, hour: HOUR_MS, day: DAY_MS }[period] as number;
    const firstMs = Date.parse(answer.from);
    expect(firstMs % periodMs).toBe(0);
    expect(firstMs).toBeLessThanOrEqual(NOW - lengthMs);
    const inside = sent.filter(
      (record) =>
        Date.parse(record.timestamp) >= firstMs &&
        Date.parse(record.timestamp) < Date.parse(answer.to) &&
        (filter.get('user_id') ?? record.user) === record.user &&
        (filter.get('service_id') ?? record.service) === record.service,
    );
    expect(inside.length).toBeGreaterThan(10);
    const expected = new Map<string | null, number[]>();
    for (const record of inside) {
      if ((filter.get('status') ?? statusOf(record.status_code)) !== statusOf(record.status_code)) continue;
      const group = (GROUP_OF[by] as (record: SentRecord) => string | null)(record);
      const points = expected.get(group) ?? new Array<number>(answer.series[0]?.points.length ?? 0).fill(0);
      expected.set(group, points);
      const index = Math.floor((Date.parse(record.timestamp) - firstMs) / periodMs);
      points[index] = (points[index] ?? 0) + 1;
    }
    expect(new Map(answer.series.map(({ group, points }) => [group, points]))).toEqual(expected);
    expect(answer).toMatchObject({ rest: null, complete: true });
    const of = (status: string): number =>
      inside.filter((record) => statusOf(record.status_code) === status).length;
    expect(answer.totals).toEqual({
      requests: inside.length,
      answered: of('answered'),
      client_error: of('client_error'),
      limited: of('limited'),
      server_error: of('server_error'),
      bytes_in: inside.reduce((sum, record) => sum + (record.bytes_in ?? 0), 0),
      bytes_out: inside.reduce((sum, record) => sum + (record.bytes_out ?? 0), 0),
    });
  });

  it('gives the largest groups by name, and what the others come to', async () => {
    const all = await series(`group_by=key&from=${from(4 * DAY_MS)}&period=hour`);
    const some = await series(`group_by=key&from=${from(4 * DAY_MS)}&period=hour&top=1`);
    expect(some.series).toEqual(all.series.slice(0, 1));
    expect(all.series.map(({ requests }) => requests)).toEqual(
      all.series.map(({ requests }) => requests).toSorted((a, b) => b - a),
    );
    expect(all.series[0]?.name).toMatch(/ at /);
    const others = all.series.slice(1);
    expect(some.rest).toEqual({
      groups: others.length,
      requests: others.reduce((sum, { requests }) => sum + requests, 0),
      points: some.series[0]?.points.map((_, index) =>
        others.reduce((sum, { points }) => sum + (points[index] ?? 0), 0),
      ),
    });
  });

  it.each([
    ['period=minute&from=2026-03-14T00:00:00Z', '6 hours before to with period minute; use period hour'],
    ['period=hour&from=2026-01-01T00:00:00Z', '31 days before to with period hour; use period day'],
    ['from=2024-01-01T00:00:00Z', '366 days before to'],
    ['from=2026-03-14T00:00:00Z&to=2026-03-13T00:00:00Z', 'must be earlier than to'],
    ['top=101', 'must be a whole number from 1 to 100'],
    ['group_by=colour', 'must be one of'],
  ])('refuses %s, and says what to ask for', async (query, words) => {
    const { status, body } = await service.call('GET', `/usage/series?${query}`);
    expect(status).toBe(400);
    expect(JSON.stringify(body)).toContain(words);
  });

  it('records of an earlier release are summed up once, and said to be missing until then', async () => {
    const id = await createKey({});
    const { db } = service.app.get(Database);
    await db
      .insertInto('api_key_usage')
      .values(
        Array.from({ length: 450 }, (_, n) => ({
          ...{ id: randomUUID(), api_key_id: id, endpoint: 'GET /old', client_ip: null },
          timestamp: new Date(NOW - n * 60_000).toISOString(),
          ...{ response_time_ms: 1, status_code: 200, bytes_in: 1, bytes_out: 2 },
        })),
      )
      .execute();
    expect(await series(`key_id=${id}`)).toMatchObject({ totals: { requests: 0 }, complete: false });
    const summer = service.app.get(UsageSummer, { strict: false });
    expect(await summer.sumUp()).toBe(450);
    expect(await summer.sumUp()).toBe(0);
    expect(await series(`key_id=${id}`)).toMatchObject({
      totals: { requests: 450, bytes_in: 450, bytes_out: 900 },
      complete: true,
    });
  });

  it('sums go with the records that retention removes, by whole days', async () => {
    await afterFirstSweep(service);
    const id = await createKey({});
    const old = new Date(NOW - 100 * DAY_MS).toISOString();
    const record = { endpoint: 'GET /x', response_time_ms: 1, status_code: 200 };
    await service.call('POST', `/usage/${id}`, { ...record, timestamp: old });
    // Ninety days ago to the hour: of a day that is not over for retention.
    const edge = new Date(NOW - 90 * DAY_MS - HOUR_MS).toISOString();
    await service.call('POST', `/usage/${id}`, { ...record, timestamp: edge });
    await flush();
    const query = `key_id=${id}&period=day&from=${new Date(NOW - 120 * DAY_MS).toISOString()}`;
    expect((await series(query)).totals.requests).toBe(2);
    expect(await service.app.get(UsageRetention, { strict: false }).sweep()).toBe(1);
    expect((await series(query)).totals.requests).toBe(1);
  });

  describe('with 10,000 keys', () => {
    beforeAll(async () => {
      const { db } = service.app.get(Database);
      const as = (type: string, text: string): string =>
        engine === 'postgres' ? `cast(${text} as ${type})` : text;
      await sql
        .raw(
          `with recursive n(i) as (select 0 union all select i + 1 from n where i < 9999)
          insert into api_keys (id, key_hash, hash_algorithm, key_prefix, user_id, service_id, name, environment, scopes,
            created_at, is_active)
          select ${as('uuid', "'00000000-0000-4000-8000-' || (100000000000 + i)")}, 'hash-' || i, 'hmac-sha256', 'hk_live_aaaa',
            'u' || (i % 50), 'many', 'key ' || i, 'production', '[]', '${new Date(NOW).toISOString()}', true from n`,
        )
        .execute(db);
      // One use of each key on each of seven days, at hours that differ.
      for (const [period, hour] of [
        ['hour', "'0' || ((cast(substr(name, 5) as integer) + day) % 10)"],
        ['day', "'00'"],
      ] as const)
        await sql
          .raw(
            `with recursive days(day) as (select 0 union all select day + 1 from days where day < 6)
            insert into usage_by_key (period, period_start, api_key_id, answered, client_error, limited, server_error,
              bytes_in, bytes_out)
            select '${period}', ${as('timestamptz', `'2026-03-' || substr(cast(114 - day as text), 2) || 'T' || ${hour} || ':00:00.000Z'`)},
              id, 1, 1, 0, 0, 1, 1 from api_keys cross join days where service_id = 'many'`,
          )
          .execute(db);
      const sums = { answered: 10_000, client_error: 10_000, limited: 0, server_error: 0 };
      const each = { ...sums, bytes_in: 1, bytes_out: 1 };
      await db
        .insertInto('usage_by_endpoint')
        .values(
          [0, 1, 2, 3, 4, 5, 6].map((day) => ({
            ...{ period: 'hour' as const, service_id: 'many', endpoint: 'GET /x', ...each },
            period_start: new Date(Date.UTC(2026, 2, 14 - day)).toISOString(),
          })),
        )
        .execute();
    });

    it('a day of 100 keys is one answer of less than 24 KB, seven days by hour are one too', async () => {
      const read = async (query: string): Promise<{ status: number; text: string }> => {
        const response = await fetch(`${service.url}/api/v1/usage/series?${query}`, {
          headers: { authorization: 'Bearer admin-token-of-the-tests' },
        });
        return { status: response.status, text: await response.text() };
      };
      const day = await read('group_by=key&service_id=many&top=100');
      expect(day.status).toBe(200);
      expect(day.text.length).toBeLessThan(24_000);
      expect((JSON.parse(day.text) as UsageSeriesResponse).series).toHaveLength(100);
      const week = await read(`group_by=key&service_id=many&period=hour&from=${from(7 * DAY_MS)}&top=100`);
      expect(week.status).toBe(200);
      const answer = JSON.parse(week.text) as UsageSeriesResponse;
      expect(answer.rest?.groups).toBe(9900);
      expect(answer.totals.requests).toBe(140_000);
    });

    it('is read by index, never by reading a table whole', async () => {
      const range = `period_start >= '2026-03-07' and period_start < '2026-03-14'`;
      const id = '00000000-0000-4000-8000-000000000000';
      const queries = [
        `select * from usage_by_endpoint where period = 'hour' and ${range}`,
        `select * from usage_by_key where period = 'day' and ${range}`,
        `select * from usage_by_owner where period = 'day' and ${range}`,
        `select * from usage_by_key where period = 'hour' and ${range} and limited > 0`,
        `select * from usage_by_owner where period = 'hour' and ${range} and user_id in ('ana')`,
        `select * from usage_by_key where period = 'hour' and ${range} and api_key_id in ('${id}')`,
        `select id from api_key_usage where not summed limit 1`,
      ];
      await service.app
        .get(Database)
        .db.connection()
        .execute(async (connection) => {
          if (engine === 'postgres') await sql`set enable_seqscan = off`.execute(connection);
          for (const query of queries) {
            const explain = engine === 'sqlite' ? 'explain query plan ' : 'explain ';
            const { rows } = await sql.raw(explain + query).execute(connection);
            expect(`${query}: ${JSON.stringify(rows)}`).toMatch(/index/i);
            expect(`${query}: ${JSON.stringify(rows)}`).not.toMatch(/Seq Scan|"SCAN (?!.*INDEX)/);
          }
        });
    });
  });
});
