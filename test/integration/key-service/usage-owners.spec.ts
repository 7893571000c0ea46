import { sql } from 'kysely';
import { randomUUID } from 'node:crypto';
import type { UsageSeriesResponse } from '../../../src/contracts/usage/usage-series.js';
import { Database } from '../../../src/key-service/storage/database.js';
import { MIGRATIONS } from '../../../src/key-service/storage/migrations.js';
import { UsageRecorder } from '../../../src/key-service/usage/records/usage.recorder.js';
import { UsageRetention } from '../../../src/key-service/usage/usage-retention.js';
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
const MIGRATION = '0018-usage-by-owner';

describe.each(ENGINES)('usage of owners on %s', (engine) => {
  const clock = new ManualClock(NOW);
  let databases: KeyDatabases;
  let url: string;
  let service: TestKeyService;

  beforeAll(async () => {
    databases = await startKeyDatabases(engine);
  });
  beforeEach(async () => {
    url = await databases.next();
    service = await start();
  });
  afterEach(() => service?.close());
  afterAll(() => databases?.close());

  const start = (): Promise<TestKeyService> =>
    startTestKeyService({ DATABASE_URL: url, USAGE_FLUSH_INTERVAL_MS: '600000' }, { clock });

  async function createKey(user_id?: string): Promise<string> {
    const { body } = await service.call('POST', '/keys', { name: 'n', service_id: 'ml-platform', user_id });
    return body['key_id'] as string;
  }

  async function use(keyId: string, times: number, agoMs = HOUR_MS): Promise<void> {
    const timestamp = new Date(clock.now() - agoMs).toISOString();
    const record = { key_id: keyId, endpoint: 'GET /x', timestamp, response_time_ms: 1, status_code: 200 };
    const records = Array.from({ length: times }, () => ({ ...record, id: randomUUID() }));
    await service.call('POST', '/usage', { records });
    await service.app.get(UsageRecorder, { strict: false }).flush();
  }

  async function byOwner(query = ''): Promise<[string | null, number][]> {
    const { body } = await service.call<UsageSeriesResponse>('GET', `/usage/series?group_by=user${query}`);
    return body.series.map(({ group, requests }) => [group, requests]);
  }

  it('stays with the owner of then where a key goes to another', async () => {
    const id = await createKey('ana');
    await use(id, 3);
    await service.call('PATCH', `/keys/${id}`, { user_id: 'bo' });
    await use(id, 2);
    await service.call('PATCH', `/keys/${id}`, { user_id: null });
    await use(id, 1);
    expect(await byOwner()).toEqual([
      ['ana', 3],
      ['bo', 2],
      [null, 1],
    ]);
    expect(await byOwner('&user_id=bo')).toEqual([['bo', 2]]);
    const ofAna = await service.call<UsageSeriesResponse>('GET', '/usage/series?user_id=ana');
    expect(ofAna.body.totals.requests).toBe(3);
  });

  it('beyond the largest owners is told as one sum, with their number', async () => {
    for (const [user, times] of [
      ['ana', 4],
      ['bo', 3],
      ['cy', 2],
      ['di', 1],
    ] as const)
      await use(await createKey(user), times);
    const { body } = await service.call<UsageSeriesResponse>('GET', '/usage/series?group_by=user&top=2');
    expect(body.rest).toMatchObject({ groups: 2, requests: 3 });
    expect(body.totals.requests).toBe(10);
  });

  it('is removed with the records, by whole days', async () => {
    await afterFirstSweep(service);
    const id = await createKey('ana');
    await use(id, 2, 100 * DAY_MS);
    await use(id, 1);
    const query = `&period=day&from=${new Date(NOW - 120 * DAY_MS).toISOString()}`;
    expect(await byOwner(query)).toEqual([['ana', 3]]);
    await service.app.get(UsageRetention, { strict: false }).sweep();
    expect(await byOwner(query)).toEqual([['ana', 1]]);
  });

  it('from before there were sums by owner is what the sums by key come to, by who owns the keys', async () => {
    for (const [user, times] of [
      ['ana', 2],
      ['ana', 3],
      [undefined, 4],
    ] as const)
      await use(await createKey(user), times);
    const { db } = service.app.get(Database);
    const since = Object.keys(MIGRATIONS).filter((name) => name >= MIGRATION);
    for (const name of since.toReversed()) {
      await MIGRATIONS[name]?.create(engine).down?.(db);
      await sql`delete from kysely_migration where name = ${name}`.execute(db);
    }
    await service.close();
    service = await start();
    expect(await byOwner()).toEqual([
      ['ana', 5],
      [null, 4],
    ]);
    await use(await createKey('ana'), 1);
    expect(await byOwner('&period=day')).toEqual([
      ['ana', 6],
      [null, 4],
    ]);
  });
});
