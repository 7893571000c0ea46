import type {
  CreateKeyResponse,
  KeyResource,
  ListKeysResponse,
} from '../../../src/contracts/keys/key-management.js';
import { isMistypedKey } from '../../../src/lib/keys/key-format.js';
import { Database } from '../../../src/key-service/storage/database.js';
import { ENGINES, startKeyDatabases, type KeyDatabases } from '../../support/servers/key-databases.js';
import {
  startTestKeyService,
  type Answered,
  type TestKeyService,
} from '../../support/systems/key-service.js';
import { ManualClock } from '../../support/lib/manual-clock.js';

const DAY_MS = 86_400_000;
const NOBODY = '00000000-0000-4000-8000-000000000000';

describe.each(ENGINES)('keys on %s', (engine) => {
  const clock = new ManualClock();
  let databases: KeyDatabases;
  let service: TestKeyService;

  beforeAll(async () => {
    databases = await startKeyDatabases(engine);
    service = await startTestKeyService({ DATABASE_URL: await databases.next() }, { clock });
    await service.call('POST', '/services', { service_id: 'filters' });
  });

  afterAll(async () => {
    await service?.close();
    await databases?.close();
  });

  const create = (fields: object = {}): Promise<Answered<CreateKeyResponse>> =>
    service.call<CreateKeyResponse>('POST', '/keys', { name: 'a key', service_id: 'ml-platform', ...fields });
  const created = async (fields: object = {}): Promise<CreateKeyResponse> => (await create(fields)).body;
  const show = (id: string): Promise<Answered<KeyResource>> =>
    service.call<KeyResource>('GET', `/keys/${id}`);
  const isValid = async (apiKey: string): Promise<boolean> =>
    (await service.call('POST', '/keys/validate', { api_key: apiKey }, {})).status === 200;

  describe('creation', () => {
    it('defaults to production, all three scopes, no limits of its own and no expiry', async () => {
      const { status, headers, body } = await create();
      expect(status).toBe(201);
      expect(headers.get('cache-control')).toBe('no-store');
      expect(body).toEqual({
        api_key: expect.stringMatching(/^hk_live_[0-9A-Za-z]{49}$/) as string,
        key_id: expect.stringMatching(/^[0-9a-f-]{36}$/) as string,
        key_prefix: body.api_key.slice(0, 12),
        name: 'a key',
        user_id: null,
        service_id: 'ml-platform',
        service_ids: ['ml-platform'],
        environment: 'production',
        scopes: ['model:read', 'model:write', 'mlflow:access'],
        rate_limit_per_hour: null,
        burst: null,
        searches_per_minute: null,
        writes_per_minute: null,
        allowed_ips: null,
        grants: null,
        created_at: new Date(clock.now()).toISOString(),
        expires_at: null,
        last_used_at: null,
        revoked_at: null,
        is_active: true,
        description: null,
        created_by: expect.stringMatching(/^admin:[0-9a-f]{8}$/) as string,
        revoked_by: null,
        revoke_reason: null,
        rotated_from_id: null,
        rotated_to_id: null,
      });
      expect(isMistypedKey(body.api_key)).toBe(false);
    });

    it('keeps every field that it is given', async () => {
      const fields = {
        name: 'Zoë’s 実験 🔑',
        user_id: 'user-7',
        environment: 'development',
        scopes: ['mlflow:access'],
        rate_limit_per_hour: 1200,
        burst: 10,
        searches_per_minute: 30,
        writes_per_minute: 40,
        allowed_ips: ['192.0.2.7', '2001:db8::/32'],
        expires_at: '2027-05-01T12:00:00+02:00',
      };
      const body = await created(fields);
      expect(body).toMatchObject({ ...fields, expires_at: '2027-05-01T10:00:00.000Z' });
      expect(body.api_key).toMatch(/^hk_dev_/);
      const { api_key: _shownOnce, ...resource } = body;
      expect((await show(body.key_id)).body).toEqual(resource);
    });

    it('prefixes keys by environment, and counts days from now', async () => {
      const staging = await created({ environment: 'staging', expires_in_days: 30 });
      expect(staging.api_key).toMatch(/^hk_test_/);
      expect(staging.expires_at).toBe(new Date(clock.now() + 30 * DAY_MS).toISOString());
    });

    it('stores nothing from which the key could be read', async () => {
      const { api_key: apiKey } = await created();
      const rows = await service.app.get(Database).db.selectFrom('api_keys').selectAll().execute();
      const stored = JSON.stringify(rows);
      expect(stored).not.toContain(apiKey);
      expect(stored).not.toContain(apiKey.slice(12));
      expect(service.logs.raw).not.toContain(apiKey.slice(8));
    });
  });

  describe('lists', () => {
    it('page through all keys, latest first, each once, also while keys are added', async () => {
      const userId = `pager-${engine}`;
      const made: string[] = [];
      for (let n = 0; n < 7; n++) {
        made.unshift((await created({ user_id: userId, name: `n${n}` })).key_id);
        // Some keys share their time of creation: the id decides then.
        if (n % 3 === 0) clock.advance(5);
      }
      const seen: string[] = [];
      let cursor = '';
      do {
        const page = await service.call<ListKeysResponse>('GET', `/keys?user_id=${userId}&limit=3${cursor}`);
        expect(page.status).toBe(200);
        seen.push(...page.body.keys.map((key) => key.key_id));
        clock.advance(1000);
        await created({ user_id: userId, name: 'later' });
        cursor = page.body.next_cursor === null ? '' : `&cursor=${page.body.next_cursor}`;
      } while (cursor !== '');
      expect([...seen].sort()).toEqual([...made].sort());
    });

    it('filter by service, user, environment, prefix and state, and never show a key', async () => {
      const key = await created({ service_id: 'filters', user_id: 'f', environment: 'staging' });
      const revoked = await created({ service_id: 'filters', user_id: 'f', environment: 'development' });
      await service.call('DELETE', `/keys/${revoked.key_id}`);
      const ids = async (query: string): Promise<string[]> => {
        const { body } = await service.call<ListKeysResponse>('GET', `/keys?service_id=filters&${query}`);
        expect(JSON.stringify(body)).not.toContain('api_key');
        return body.keys.map(({ key_id }) => key_id);
      };
      expect((await ids('')).sort()).toEqual([key.key_id, revoked.key_id].sort());
      expect(await ids('environment=staging')).toEqual([key.key_id]);
      expect(await ids(`key_prefix=${key.key_prefix}`)).toEqual([key.key_id]);
      expect(await ids('is_active=true')).toEqual([key.key_id]);
      expect(await ids('is_active=false&user_id=f')).toEqual([revoked.key_id]);
      expect(await ids('user_id=nobody')).toEqual([]);
    });
  });

  describe('edits', () => {
    it('change what they name, and null takes a limit back to the default', async () => {
      const { key_id: id } = await created({
        burst: 5,
        rate_limit_per_hour: 10,
        searches_per_minute: 30,
        writes_per_minute: 40,
        allowed_ips: ['10.0.0.0/8'],
      });
      const edited = await service.call<KeyResource>('PATCH', `/keys/${id}`, {
        name: 'renamed',
        burst: null,
        rate_limit_per_hour: 20,
        searches_per_minute: 31,
        writes_per_minute: null,
        allowed_ips: null,
        scopes: ['model:read'],
      });
      expect(edited.status).toBe(200);
      expect(edited.body).toMatchObject({
        name: 'renamed',
        burst: null,
        rate_limit_per_hour: 20,
        searches_per_minute: 31,
        writes_per_minute: null,
        allowed_ips: null,
        scopes: ['model:read'],
      });
      expect((await show(id)).body).toEqual(edited.body);
      expect((await service.call('PATCH', `/keys/${id}`, {})).body).toEqual(edited.body);
    });

    it('are refused for expired and revoked keys', async () => {
      const expiring = await created({ expires_in_days: 1 });
      const revoked = await created();
      await service.call('DELETE', `/keys/${revoked.key_id}`);
      clock.advance(DAY_MS);
      for (const [id, word] of [
        [expiring.key_id, 'has expired'],
        [revoked.key_id, 'is revoked'],
      ] as const) {
        const refused = await service.call('PATCH', `/keys/${id}`, { name: 'x' });
        expect(refused).toMatchObject({ status: 409, body: { error_code: 'RESOURCE_CONFLICT' } });
        expect(refused.body['message']).toContain(word);
      }
    });
  });

  it('are no longer active from the very instant of their expiry, by themselves and in lists', async () => {
    const { key_id: id } = await created({ expires_in_days: 1 });
    const active = async (): Promise<boolean[]> => {
      const { body } = await service.call<ListKeysResponse>('GET', '/keys?is_active=true&limit=200');
      return [(await show(id)).body.is_active, body.keys.some((key) => key.key_id === id)];
    };
    clock.advance(DAY_MS - 1);
    expect(await active()).toEqual([true, true]);
    clock.advance(1);
    expect(await active()).toEqual([false, false]);
  });

  describe('revocation', () => {
    it('ends a key at once, for good, and may be repeated', async () => {
      const { key_id: id, api_key: apiKey } = await created();
      expect(await isValid(apiKey)).toBe(true);
      expect((await service.call('DELETE', `/keys/${id}`)).status).toBe(204);
      expect(await isValid(apiKey)).toBe(false);
      const { body } = await show(id);
      expect(body).toMatchObject({ is_active: false, revoked_at: new Date(clock.now()).toISOString() });
      clock.advance(1000);
      expect((await service.call('DELETE', `/keys/${id}`)).status).toBe(204);
      expect((await show(id)).body.revoked_at).toBe(body.revoked_at);
    });
  });

  it.each(['GET', 'PATCH', 'DELETE', 'POST /rotate'])(
    '%s of a key that is not there is 404',
    async (what) => {
      const [method = '', path = ''] = what.split(' ');
      for (const id of [NOBODY, 'no-uuid', "'; drop table api_keys; --"]) {
        const body = method === 'PATCH' ? { name: 'x' } : undefined;
        const answer = await service.call(method, `/keys/${encodeURIComponent(id)}${path}`, body);
        expect(answer).toMatchObject({ status: 404, body: { error_code: 'RESOURCE_DOES_NOT_EXIST' } });
      }
    },
  );

  it('every operation is in the audit log, once, with who asked for it', async () => {
    const { key_id: id } = await created({ name: 'audited' });
    await service.call('PATCH', `/keys/${id}`, { name: 'audited too' });
    await service.call('POST', `/keys/${id}/rotate`, {});
    await service.call('DELETE', `/keys/${id}`);
    await service.call('DELETE', `/keys/${id}`);
    const rows = await service.app
      .get(Database)
      .db.selectFrom('audit_log')
      .selectAll()
      .where('key_id', '=', id)
      .orderBy('seq')
      .execute();
    expect(rows.map((row) => row.action)).toEqual([
      'key.created',
      'key.updated',
      'key.rotated',
      'key.revoked',
    ]);
    expect(JSON.parse(rows[1]?.details ?? '')).toEqual({ name: { from: 'audited', to: 'audited too' } });
    for (const row of rows)
      expect(row).toMatchObject({
        actor: expect.stringMatching(/^admin:[0-9a-f]{8}$/) as string,
        client_ip: '127.0.0.1',
        request_id: expect.stringMatching(/^[0-9a-f-]{36}$/) as string,
      });
  });
});
