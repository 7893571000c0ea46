import { randomUUID } from 'node:crypto';
import type { RefusalRecord, RefusalSummaryResponse } from '../../../src/contracts/usage/refusals.js';
import { UsageRetention } from '../../../src/key-service/usage/usage-retention.js';
import { ENGINES, startKeyDatabases, type KeyDatabases } from '../../support/servers/key-databases.js';
import {
  afterFirstSweep,
  startTestKeyService,
  type TestKeyService,
} from '../../support/systems/key-service.js';
import { ManualClock } from '../../support/lib/manual-clock.js';

const SERVICE = 'a-service-token-for-tests';
const NOW = Date.UTC(2026, 2, 14, 12, 30);
const HOUR_MS = 3_600_000;

describe.each(ENGINES)('refused keys that gateways report, on %s', (engine) => {
  const clock = new ManualClock(NOW);
  let databases: KeyDatabases;
  let service: TestKeyService;

  beforeAll(async () => {
    databases = await startKeyDatabases(engine);
    const env = { DATABASE_URL: await databases.next(), SERVICE_TOKENS: SERVICE };
    service = await startTestKeyService(env, { clock });
  });

  afterAll(async () => {
    await service?.close();
    await databases?.close();
  });

  const record = (more: Partial<RefusalRecord> = {}): RefusalRecord => ({
    id: randomUUID(),
    minute: new Date(NOW).toISOString(),
    reason: 'refused',
    network: '192.0.2.7',
    key_prefix: null,
    key_id: null,
    count: 1,
    ...more,
  });
  const report = (records: unknown[], token = SERVICE) =>
    service.call('POST', '/refusals', { records }, { authorization: `Bearer ${token}` });
  const summary = async (query = ''): Promise<RefusalSummaryResponse> => {
    const { status, body } = await service.call<RefusalSummaryResponse>('GET', `/refusals/summary?${query}`);
    expect(status).toBe(200);
    return body;
  };

  it('are summed up by reason and time, network, prefix and key, and count once if sent twice', async () => {
    const { body: key } = await service.call('POST', '/keys', {
      name: 'expired one',
      service_id: 'ml-platform',
    });
    const keyId = key['key_id'] as string;
    const records = [
      record({ count: 5, key_prefix: 'hk_live_abcd' }),
      record({ count: 2, network: '2001:db8:0:0::/64', minute: new Date(NOW - 2 * HOUR_MS).toISOString() }),
      record({ reason: 'expired', key_id: keyId, key_prefix: 'hk_live_wxyz' }),
      record({ reason: 'missing', network: null, count: 7 }),
    ];
    expect(await report(records)).toMatchObject({ status: 202, body: { accepted: 4, dropped: 0 } });
    await report(records);
    const all = await summary();
    expect(all).toMatchObject({ total: 15, period: 'hour' });
    expect(all.reasons.map(({ reason, count }) => [reason, count])).toEqual([
      ['missing', 7],
      ['refused', 7],
      ['expired', 1],
    ]);
    const refused = all.reasons.find(({ reason }) => reason === 'refused');
    expect(refused?.points.slice(-3)).toEqual([2, 0, 5]);
    expect(all.networks).toMatchObject([
      { network: null, count: 7 },
      { network: '192.0.2.7', count: 6, last_at: '2026-03-14T12:30:00.000Z' },
      { network: '2001:db8:0:0::/64', count: 2 },
    ]);
    expect(all.prefixes.map(({ key_prefix, count }) => [key_prefix, count])).toEqual([
      ['hk_live_abcd', 5],
      ['hk_live_wxyz', 1],
    ]);
    expect(all.keys).toMatchObject([{ key_id: keyId, name: 'expired one', count: 1 }]);
    expect(await summary('reason=expired')).toMatchObject({ total: 1, networks: [{ network: '192.0.2.7' }] });
  });

  it('names every wrong field, and takes fields that it does not know', async () => {
    const { status, body } = await report([
      { ...record(), colour: 'red' },
      record({ count: 0, reason: 'Any Sentence' }),
      record({ minute: new Date(NOW + 2 * HOUR_MS).toISOString() }),
    ]);
    expect(status).toBe(400);
    expect((body['errors'] as { field: string }[]).map(({ field }) => field).sort()).toEqual([
      'records.1.count',
      'records.1.reason',
    ]);
    const late = await report([record({ minute: new Date(NOW + 2 * HOUR_MS).toISOString() })]);
    expect(JSON.stringify(late.body)).toContain('records.0.minute');
  });

  it('services may report and see nothing, and others neither', async () => {
    expect((await report([], 'nobody-has-this-token')).status).toBe(401);
    const seen = await service.call('GET', '/refusals/summary', undefined, {
      authorization: `Bearer ${SERVICE}`,
    });
    expect(seen.status).toBe(401);
  });

  it('go with usage of the same age', async () => {
    const retention = service.app.get(UsageRetention, { strict: false });
    await afterFirstSweep(service);
    await report([record({ reason: 'old', minute: new Date(NOW - 100 * 24 * HOUR_MS).toISOString() })]);
    const query = `from=${new Date(NOW - 120 * 24 * HOUR_MS).toISOString()}&reason=old`;
    expect((await summary(query)).total).toBe(1);
    await retention.sweep();
    expect((await summary(query)).total).toBe(0);
  });
});
