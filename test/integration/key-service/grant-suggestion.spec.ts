import { randomUUID } from 'node:crypto';
import type { GrantSuggestionResponse } from '../../../src/contracts/usage/grant-suggestion.js';
import type { UsageRecord } from '../../../src/contracts/usage/usage.js';
import type { UsedResource } from '../../../src/contracts/access/used-resources.js';
import { UsageRecorder } from '../../../src/key-service/usage/records/usage.recorder.js';
import { UsageRetention } from '../../../src/key-service/usage/usage-retention.js';
import { ENGINES, startKeyDatabases, type KeyDatabases } from '../../support/servers/key-databases.js';
import { startTestKeyService, type TestKeyService } from '../../support/systems/key-service.js';
import { ManualClock } from '../../support/lib/manual-clock.js';

const NOW = Date.UTC(2026, 2, 14, 12);
const DAY_MS = 86_400_000;

describe.each(ENGINES)('what a key used, on %s', (engine) => {
  const clock = new ManualClock(NOW);
  let databases: KeyDatabases;
  let service: TestKeyService;
  beforeAll(async () => {
    databases = await startKeyDatabases(engine);
    const env = {
      DATABASE_URL: await databases.next(),
      USAGE_FLUSH_INTERVAL_MS: '600000',
      USAGE_RETENTION_DAYS: '30',
    };
    service = await startTestKeyService(env, { clock });
  });
  afterAll(async () => {
    await service?.close();
    await databases?.close();
  });

  const newKey = async (): Promise<string> => {
    const wanted = { name: 'used', service_id: 'ml-platform' };
    return (await service.call<{ key_id: string }>('POST', '/keys', wanted)).body.key_id;
  };
  const record = (key_id: string, more: Partial<UsageRecord> = {}): UsageRecord => ({
    ...{ id: randomUUID(), key_id, endpoint: 'POST /x', timestamp: new Date(NOW).toISOString() },
    ...{ response_time_ms: 1, status_code: 200 },
    ...more,
  });
  const report = async (records: UsageRecord[]): Promise<void> => {
    for (let start = 0; start < records.length; start += 500) {
      const batch = { records: records.slice(start, start + 500) };
      expect(await service.call('POST', '/usage', batch)).toMatchObject({ status: 202 });
    }
    await service.app.get(UsageRecorder, { strict: false }).flush();
  };
  const suggestion = async (id: string, query = ''): Promise<GrantSuggestionResponse> => {
    const answer = await service.call<GrantSuggestionResponse>('GET', `/keys/${id}/grant-suggestion${query}`);
    expect(answer.status).toBe(200);
    return answer.body;
  };
  const wrote = (id: string, name = `e${id}`): UsedResource => ({
    kind: 'experiment',
    id,
    name,
    level: 'write',
  });

  it('is summed up over its days, and a batch that comes twice counts once', async () => {
    const id = await newKey();
    const use = { needed_scope: 'experiment:write', resources: [wrote('12')] };
    const earlier = new Date(NOW - 3 * DAY_MS).toISOString();
    const records = [record(id, use), record(id, use), record(id, { ...use, timestamp: earlier })];
    await report(records);
    await report(records);
    const found = await suggestion(id);
    expect(found).toMatchObject({
      ...{ key_id: id, requests: 3, scopes: ['experiment:write'], gaps: [] },
      from: '2026-02-13T00:00:00.000Z',
      grants: { experiments: [{ id: '12', level: 'write' }] },
      reasons: [{ requests: 3 }, { requests: 3, last_used_at: new Date(NOW).toISOString() }],
    });
    expect((await suggestion(id, '?days=3')).requests).toBe(2);
  });

  it('is kept for a bounded number of things a day, however many are reported, and the rest is counted', async () => {
    const id = await newKey();
    const records = Array.from({ length: 700 }, (_, n) =>
      record(id, { needed_scope: 'experiment:write', resources: [wrote(String(n + 1))] }),
    );
    await report(records);
    const more = record(id, { needed_scope: 'experiment:write', resources: [wrote('1')], more_resources: 5 });
    await report([more]);
    const { grants, gaps } = await suggestion(id);
    expect(grants?.experiments).toHaveLength(256);
    expect(gaps).toMatchObject([{ gap: 'too-many', requests: 700 - 256 + 1 }]);
  });

  it('says which requests it knows nothing of', async () => {
    const id = await newKey();
    await report([
      record(id),
      record(id, { needed_scope: 'experiment:read' }),
      record(id, { needed_scope: 'unknown' }),
      record(id, { needed_scope: 'none', status_code: 403 }),
    ]);
    expect(await suggestion(id)).toMatchObject({
      scopes: ['experiment:read'],
      grants: null,
      gaps: [
        { gap: 'not-recorded', requests: 1 },
        { gap: 'without-grants', requests: 2 },
        { gap: 'unknown-calls', requests: 1 },
      ],
    });
  });

  it('is also what the keys used whose place it took, and not those that took its own', async () => {
    const first = await newKey();
    const rotate = async (id: string): Promise<string> =>
      (await service.call<{ key_id: string }>('POST', `/keys/${id}/rotate`, {})).body.key_id;
    const second = await rotate(first);
    const third = await rotate(second);
    for (const [n, id] of [first, second, third].entries())
      await report([record(id, { needed_scope: 'experiment:write', resources: [wrote(String(n + 1))] })]);
    const ids = (await suggestion(second)).grants?.experiments?.map((one) => 'id' in one && one.id);
    expect(ids?.sort()).toEqual(['1', '2']);
  });

  it.each([
    ['a kind that there is not', { resources: [{ kind: 'run', id: '1', level: 'read' }] }],
    ['an id of another form', { resources: [{ kind: 'experiment', id: '01', level: 'read' }] }],
    ['no name', { resources: [{ kind: 'model', level: 'read' }] }],
    ['a name that no grant can have', { resources: [{ kind: 'model', name: 'a\nb', level: 'read' }] }],
    ['too many things', { resources: Array.from({ length: 17 }, (_, n) => wrote(String(n + 1))) }],
    ['a scope that is none', { needed_scope: 'A b' }],
  ])('is refused with %s', async (_title, more) => {
    const wrong = record(await newKey(), more as Partial<UsageRecord>);
    const answer = await service.call('POST', '/usage', { records: [wrong] });
    const field = `records.0.${Object.keys(more)[0]}`;
    expect(answer).toMatchObject({
      status: 400,
      body: { message: expect.stringContaining(field) as unknown },
    });
  });

  it('is asked for with a number of days, of a key that is there', async () => {
    const id = await newKey();
    for (const days of ['0', '367', '1.5', 'x'])
      expect(await service.call('GET', `/keys/${id}/grant-suggestion?days=${days}`)).toMatchObject({
        status: 400,
      });
    expect(await service.call('GET', `/keys/${randomUUID()}/grant-suggestion`)).toMatchObject({
      status: 404,
    });
  });

  it('goes with usage when its days are over', async () => {
    const id = await newKey();
    await report([record(id, { needed_scope: 'experiment:write', resources: [wrote('12')] })]);
    clock.advance(366 * DAY_MS);
    await service.app.get(UsageRetention, { strict: false }).sweep();
    expect(await suggestion(id, '?days=366')).toMatchObject({ requests: 0, reasons: [], grants: null });
  });
});

it('what a key used stays within its bound where replicas of the key service write it at the same time', async () => {
  const databases = await startKeyDatabases('postgres');
  const env = { DATABASE_URL: await databases.next(), USAGE_FLUSH_INTERVAL_MS: '600000' };
  const services = [await startTestKeyService(env), await startTestKeyService(env)];
  const [first] = services as [TestKeyService];
  const { body } = await first.call<{ key_id: string }>('POST', '/keys', {
    ...{ name: 'used', service_id: 'ml-platform' },
  });
  for (const [n, service] of services.entries()) {
    const records = Array.from({ length: 400 }, (_, index) => ({
      ...{ id: randomUUID(), key_id: body.key_id, endpoint: 'POST /x', timestamp: new Date().toISOString() },
      ...{ response_time_ms: 1, status_code: 200, needed_scope: 'experiment:write' },
      resources: [{ kind: 'experiment', id: String(1 + n * 1000 + index), level: 'write' }],
    }));
    expect(await service.call('POST', '/usage', { records })).toMatchObject({ status: 202 });
  }
  await Promise.all(services.map(({ app }) => app.get(UsageRecorder, { strict: false }).flush()));
  const { grants, gaps } = (
    await first.call<GrantSuggestionResponse>('GET', `/keys/${body.key_id}/grant-suggestion`)
  ).body;
  expect([grants?.experiments?.length, gaps]).toEqual([
    256,
    [expect.objectContaining({ gap: 'too-many', requests: 800 - 256 }) as unknown],
  ]);
  for (const service of services) await service.close();
  await databases.close();
});
