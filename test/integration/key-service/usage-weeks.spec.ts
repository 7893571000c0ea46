import { sql } from 'kysely';
import { randomUUID } from 'node:crypto';
import type { UsageSeriesResponse } from '../../../src/contracts/usage/usage-series.js';
import type { UsageRecord } from '../../../src/contracts/usage/usage.js';
import { Database } from '../../../src/key-service/storage/database.js';
import { UsageRecorder } from '../../../src/key-service/usage/records/usage.recorder.js';
import { UsageRetention } from '../../../src/key-service/usage/usage-retention.js';
import { UsageWeekSummer } from '../../../src/key-service/usage/sums/usage-week-summer.js';
import { ENGINES, startKeyDatabases, type KeyDatabases } from '../../support/servers/key-databases.js';
import { startTestKeyService, type TestKeyService } from '../../support/systems/key-service.js';
import { copyKey } from './copied-keys.js';
import { ManualClock } from '../../support/lib/manual-clock.js';
import { seededRandom } from '../../support/lib/random.js';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** A Thursday. */
const NOW = Date.UTC(2026, 4, 14, 10, 30);
const DAYS = 45;
const TOP = 3;
/** More than are summed up at once. */
const KEYS = 55;

describe.each(ENGINES)('the largest keys of many days, on %s', (engine) => {
  let clock: ManualClock;
  let databases: KeyDatabases;
  let service: TestKeyService;
  let keys: string[];
  let sent: UsageRecord[];

  beforeAll(async () => {
    databases = await startKeyDatabases(engine);
  });
  beforeEach(async () => {
    clock = new ManualClock(NOW);
    service = await startTestKeyService(
      {
        DATABASE_URL: await databases.next(),
        USAGE_FLUSH_INTERVAL_MS: '600000',
        USAGE_RETENTION_DAYS: '60',
      },
      { clock },
    );
    const { body } = await service.call('POST', '/keys', { name: 'key', service_id: 'ml-platform' });
    const first = body['key_id'] as string;
    keys = [first, ...(await copyKey(service, first, KEYS - 1))];
    const random = seededRandom(5);
    sent = [];
    await report(
      Array.from({ length: 1500 }, () =>
        recordOf(
          Math.floor(random() ** 1.5 * keys.length),
          NOW - Math.floor(random() * DAYS * DAY_MS),
          random() < 0.2 ? 429 : 200,
        ),
      ),
    );
  });
  afterEach(() => service?.close());
  afterAll(() => databases?.close());

  const recordOf = (key: number, atMs: number, status = 200): UsageRecord => ({
    id: randomUUID(),
    key_id: keys[key] as string,
    endpoint: 'GET /a',
    timestamp: new Date(atMs).toISOString(),
    response_time_ms: 1,
    status_code: status,
    bytes_in: 1,
    bytes_out: 1,
  });
  async function report(records: UsageRecord[]): Promise<void> {
    sent.push(...records);
    for (let start = 0; start < records.length; start += 1000)
      await service.call('POST', '/usage', { records: records.slice(start, start + 1000) });
    await service.app.get(UsageRecorder, { strict: false }).flush();
  }
  const sumUpWeeks = (): Promise<number> => service.app.get(UsageWeekSummer, { strict: false }).sumUp();
  const database = (): Database => service.app.get(Database, { strict: false });
  async function weeks(): Promise<string[]> {
    const rows = await database().db.selectFrom('usage_weeks').selectAll().orderBy('period_start').execute();
    return rows.map(({ period_start }) => period_start.slice(5, 10));
  }

  /** What the key service says of several ranges, beside what its records come to. */
  async function compared(): Promise<[said: unknown, counted: unknown][]> {
    const ranges = [
      'days=30',
      'days=30&status=limited',
      'days=20&period=hour',
      'days=8&period=hour',
      'days=44',
    ];
    const all: [unknown, unknown][] = [];
    for (const range of ranges) {
      const query = new URLSearchParams(range);
      const from = new Date(clock.now() - Number(query.get('days')) * DAY_MS).toISOString();
      query.delete('days');
      const { body } = await service.call<UsageSeriesResponse>(
        'GET',
        `/usage/series?group_by=key&top=${TOP}&from=${from}&${query.toString()}`,
      );
      const said = body.series.map(({ group, requests }) => [group, requests]);
      all.push([
        [range, said, body.rest?.groups ?? 0, body.rest?.requests ?? 0],
        [range, ...countedOf(body, query.get('status') === 'limited')],
      ]);
    }
    return all;
  }
  function countedOf({ from, to }: UsageSeriesResponse, limitedAlone: boolean): unknown[] {
    const counts = new Map<string, number>();
    for (const { key_id, timestamp, status_code } of sent)
      if (timestamp >= from && timestamp < to && (!limitedAlone || status_code === 429))
        counts.set(key_id, (counts.get(key_id) ?? 0) + 1);
    const ranked = [...counts].sort(([a, n], [b, m]) => m - n || (a < b ? -1 : 1));
    const others = ranked.slice(TOP);
    return [ranked.slice(0, TOP), others.length, others.reduce((sum, [, count]) => sum + count, 0)];
  }
  async function expectAllCounted(): Promise<void> {
    for (const [said, counted] of await compared()) expect(said).toEqual(counted);
  }

  it('are those of the records, before weeks are summed up and afterwards', async () => {
    await expectAllCounted();
    // The week of 30 March is there from Monday on, and the one of now is not over.
    expect(await sumUpWeeks()).toBe(6);
    expect(await weeks()).toEqual(['03-30', '04-06', '04-13', '04-20', '04-27', '05-04']);
    await expectAllCounted();
    expect(await sumUpWeeks()).toBe(0);
  });

  it('count a record that comes after its week was summed up, at once', async () => {
    await sumUpWeeks();
    const late = Array.from({ length: 900 }, (_, n) => recordOf(7, NOW - 12 * DAY_MS - n * 1000));
    await report(late);
    expect(await weeks()).not.toContain('04-27');
    await expectAllCounted();
    expect(await sumUpWeeks()).toBe(1);
    expect(await weeks()).toContain('04-27');
    await expectAllCounted();
  });

  it('count within an hour what a program without weeks wrote', async () => {
    await sumUpWeeks();
    const week = { period_start: '2026-04-27T00:00:00.000Z' };
    const [before] = await database()
      .db.selectFrom('usage_weeks')
      .selectAll()
      .where('period_start', '=', week.period_start)
      .execute();
    await report(Array.from({ length: 900 }, (_, n) => recordOf(7, NOW - 12 * DAY_MS - n * 1000)));
    // As it would be if nobody had noticed: the week still counts as summed up.
    await database()
      .db.insertInto('usage_weeks')
      .values(before as { period_start: string; requests: number })
      .execute();
    expect(await sumUpWeeks()).toBe(1);
    await expectAllCounted();
  });

  it('are those of the days that retention leaves', async () => {
    await sumUpWeeks();
    clock.advance(20 * DAY_MS);
    await service.app.get(UsageRetention, { strict: false }).sweep();
    // Days before 4 April are gone, and so is the week that they were in.
    sent = sent.filter(({ timestamp }) => timestamp >= '2026-04-04');
    expect(await weeks()).toEqual(['04-06', '04-13', '04-20', '04-27', '05-04']);
    const { rows } = await sql<{
      first: string;
    }>`select min(period_start) as first from usage_by_key`.execute(database().db);
    expect(rows[0]?.first.slice(0, 10)).toBe('2026-04-04');
    expect(await sumUpWeeks()).toBe(1);
    expect(await weeks()).toContain('05-11');
    await expectAllCounted();
  });
});
