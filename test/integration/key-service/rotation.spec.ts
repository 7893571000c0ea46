import pg from 'pg';
import type {
  CreateKeyResponse,
  KeyResource,
  ListKeysResponse,
  RotateKeyResponse,
} from '../../../src/contracts/keys/key-management.js';
import { eventually } from '../../support/lib/eventually.js';
import { ENGINES, startKeyDatabases, type KeyDatabases } from '../../support/servers/key-databases.js';
import {
  startTestKeyService,
  type Answered,
  type TestKeyService,
} from '../../support/systems/key-service.js';
import { ManualClock } from '../../support/lib/manual-clock.js';

const DAY_SECONDS = 86_400;

describe.each(ENGINES)('rotation on %s', (engine) => {
  const clock = new ManualClock();
  let databases: KeyDatabases;
  let databaseUrl: string;
  let service: TestKeyService;

  beforeAll(async () => {
    databases = await startKeyDatabases(engine);
    databaseUrl = await databases.next();
    service = await startTestKeyService({ DATABASE_URL: databaseUrl }, { clock });
    await service.call('POST', '/services', { service_id: 'rotation' });
  });

  afterAll(async () => {
    await service?.close();
    await databases?.close();
  });

  const created = async (fields: object = {}): Promise<CreateKeyResponse> =>
    (await service.call<CreateKeyResponse>('POST', '/keys', { name: 'r', service_id: 'rotation', ...fields }))
      .body;
  const rotate = (id: string, body: object = {}): Promise<Answered<RotateKeyResponse>> =>
    service.call<RotateKeyResponse>('POST', `/keys/${id}/rotate`, body);
  const show = async (id: string): Promise<KeyResource> =>
    (await service.call<KeyResource>('GET', `/keys/${id}`)).body;
  const isValid = async (apiKey: string): Promise<boolean> =>
    (await service.call('POST', '/keys/validate', { api_key: apiKey }, {})).status === 200;
  const inSeconds = (seconds: number): string => new Date(clock.now() + seconds * 1000).toISOString();

  it('gives a new key with everything of the old one; both are valid for the overlap, then the new one alone', async () => {
    const limits = { burst: 7, searches_per_minute: 30, writes_per_minute: 40 };
    const old = await created({
      user_id: 'u',
      ...limits,
      allowed_ips: ['127.0.0.1'],
      environment: 'staging',
    });
    const { status, body } = await rotate(old.key_id, { overlap_seconds: 60 });
    expect(status).toBe(201);
    expect(body).toEqual({
      key_id: expect.not.stringMatching(old.key_id) as string,
      api_key: expect.stringMatching(/^hk_test_/) as string,
      old_key_id: old.key_id,
      old_key_expires_at: inSeconds(60),
    });
    expect(await show(body.key_id)).toMatchObject({
      name: 'r',
      service_id: 'rotation',
      user_id: 'u',
      ...limits,
      allowed_ips: ['127.0.0.1'],
      environment: 'staging',
      expires_at: null,
      is_active: true,
    });
    clock.advance(59_999);
    expect([await isValid(old.api_key), await isValid(body.api_key)]).toEqual([true, true]);
    clock.advance(1);
    expect([await isValid(old.api_key), await isValid(body.api_key)]).toEqual([false, true]);
  });

  it('overlaps for a day by default, and for 0 seconds not at all', async () => {
    const one = await created();
    expect((await rotate(one.key_id)).body.old_key_expires_at).toBe(inSeconds(DAY_SECONDS));
    const other = await created();
    await rotate(other.key_id, { overlap_seconds: 0 });
    expect(await isValid(other.api_key)).toBe(false);
  });

  it('never extends an expiry: neither the old key’s by the overlap, nor by the new key', async () => {
    const old = await created({ expires_in_days: 1 });
    clock.advance((DAY_SECONDS / 2) * 1000);
    const { body } = await rotate(old.key_id, { overlap_seconds: 7 * DAY_SECONDS });
    expect(body.old_key_expires_at).toBe(old.expires_at);
    expect((await show(body.key_id)).expires_at).toBe(old.expires_at);
    clock.advance((DAY_SECONDS / 2) * 1000);
    expect([await isValid(old.api_key), await isValid(body.api_key)]).toEqual([false, false]);
  });

  it('is refused for expired, revoked and already rotated keys, and makes no key then', async () => {
    const expired = await created({ expires_in_days: 1 });
    const revoked = await created();
    const rotated = await created();
    await service.call('DELETE', `/keys/${revoked.key_id}`);
    await rotate(rotated.key_id);
    clock.advance(DAY_SECONDS * 1000);
    const count = async (): Promise<number> =>
      (await service.call<ListKeysResponse>('GET', '/keys?service_id=rotation&limit=200')).body.keys.length;
    const before = await count();
    for (const { key_id: id } of [expired, revoked, rotated])
      expect(await rotate(id)).toMatchObject({ status: 409, body: { error_code: 'RESOURCE_CONFLICT' } });
    expect(await count()).toBe(before);
  });

  it('makes one new key of any number of rotations at once', async () => {
    const old = await created({ user_id: 'concurrent' });
    const answers = await Promise.all(Array.from({ length: 12 }, () => rotate(old.key_id)));
    expect(answers.map(({ status }) => status).sort()).toEqual([201, ...Array<number>(11).fill(409)]);
    const { body } = await service.call<ListKeysResponse>('GET', '/keys?user_id=concurrent');
    expect(body.keys).toHaveLength(2);
    const winner = answers.find(({ status }) => status === 201)?.body;
    expect(await isValid(winner?.api_key ?? '')).toBe(true);
  });

  // SQLite does one change after the other, and has no way to hold one up from outside.
  if (engine === 'postgres')
    it('gives the new key no right that an edit takes away at the same time', async () => {
      const { key_id: id } = await created({ scopes: ['model:read', 'model:write'] });
      const admin = new pg.Client({ connectionString: databaseUrl });
      await admin.connect();
      try {
        await admin.query('begin');
        await admin.query(`update api_keys set scopes = '["model:read"]' where id = $1`, [id]);
        const rotation = rotate(id);
        await eventually(async () => {
          const { rows } = await admin.query(
            "select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'",
          );
          return rows.length > 0;
        });
        await admin.query('commit');
        expect((await show((await rotation).body.key_id)).scopes).toEqual(['model:read']);
      } finally {
        await admin.end();
      }
    });

  it.each([
    ['negative', -1],
    ['over 30 days', 30 * DAY_SECONDS + 1],
    ['no number', '60'],
    ['null', null],
    ['a fraction', 1.5],
  ])('names the overlap where it is %s', async (_what, overlap) => {
    const { key_id: id } = await created();
    const answer = await rotate(id, { overlap_seconds: overlap });
    expect(answer).toMatchObject({ status: 400, body: { errors: [{ field: 'overlap_seconds' }] } });
    expect((await show(id)).expires_at).toBeNull();
  });
});
