import { sql } from 'kysely';
import type {
  CreateKeyResponse,
  KeyFacetsResponse,
  KeyLineageResponse,
  KeyResource,
  ListKeysResponse,
  RevokeKeysResponse,
  RotateKeyResponse,
} from '../../../src/contracts/keys/key-management.js';
import type { AuditEntryResource, AuditResponse } from '../../../src/contracts/admin/audit.js';
import type { InvalidationsResponse } from '../../../src/contracts/admin/gateway-state.js';
import { LastUsedRecorder } from '../../../src/key-service/keys/last-used/last-used.recorder.js';
import { Database } from '../../../src/key-service/storage/database.js';
import { UsageRecorder } from '../../../src/key-service/usage/records/usage.recorder.js';
import { freePort } from '../../support/programs/free-port.js';
import { ENGINES, startKeyDatabases, type KeyDatabases } from '../../support/servers/key-databases.js';
import { callJson, startTestKeyService, type TestKeyService } from '../../support/systems/key-service.js';
import { ManualClock } from '../../support/lib/manual-clock.js';

const DAY_MS = 86_400_000;
const ANA = 'token-of-ana-for-tests';
const BO = 'token-of-bo-for-tests';
const NOBODY = '00000000-0000-4000-8000-000000000000';

describe.each(ENGINES)('administration of keys on %s', (engine) => {
  const clock = new ManualClock(Date.UTC(2026, 2, 14, 12));
  let databases: KeyDatabases;
  let service: TestKeyService;
  let gateway: string;

  beforeAll(async () => {
    databases = await startKeyDatabases(engine);
    gateway = `127.0.0.1:${await freePort()}`;
    service = await startTestKeyService(
      {
        DATABASE_URL: await databases.next(),
        HOKUSAI_ADMIN_TOKEN: `ana:${ANA},bo:${BO},a-token-without-a-name`,
        GATEWAY_INVALIDATE_URLS: `http://${gateway}/internal/keys/invalidate`,
      },
      { clock },
    );
  });

  afterAll(async () => {
    await service?.close();
    await databases?.close();
  });

  const call = <T = Record<string, unknown>>(method: string, path: string, body?: unknown, token = ANA) =>
    service.call<T>(method, path, body, { authorization: `Bearer ${token}` });
  const created = async (fields: object = {}): Promise<CreateKeyResponse> => {
    const answer = await call<CreateKeyResponse>('POST', '/keys', {
      ...{ name: 'a key', service_id: 'ml-platform' },
      ...fields,
    });
    expect(answer.status).toBe(201);
    return answer.body;
  };
  const list = async (query: string): Promise<ListKeysResponse> => {
    const { status, body } = await call<ListKeysResponse>('GET', `/keys?${query}`);
    expect(status).toBe(200);
    return body;
  };
  const names = async (query: string): Promise<string[]> => (await list(query)).keys.map(({ name }) => name);
  const at = (days: number): string => new Date(clock.now() + days * DAY_MS).toISOString();
  const isValid = async (apiKey: string): Promise<boolean> =>
    (await service.call('POST', '/keys/validate', { api_key: apiKey }, {})).status === 200;

  describe('named admin tokens', () => {
    it('put the name into the audit log, sent with the name and without', async () => {
      const key = await created({});
      await call('PATCH', `/keys/${key.key_id}`, { name: 'b' }, `ana:${ANA}`);
      await call('PATCH', `/keys/${key.key_id}`, { name: 'c' }, BO);
      await call('DELETE', `/keys/${key.key_id}?reason=left+the+team`, undefined, 'a-token-without-a-name');
      const { body } = await call<AuditResponse>('GET', `/audit?key_id=${key.key_id}`);
      expect(body.entries.map(({ actor }) => actor)).toEqual([
        expect.stringMatching(/^admin:[0-9a-f]{8}$/),
        'admin:bo',
        'admin:ana',
        'admin:ana',
      ]);
      expect(body.entries[0]?.details).toEqual({ reason: 'left the team' });
      const shown = await call<KeyResource>('GET', `/keys/${key.key_id}`);
      expect(shown.body).toMatchObject({
        created_by: 'admin:ana',
        revoked_by: body.entries[0]?.actor,
        revoke_reason: 'left the team',
      });
    });

    it.each(['ana', 'ana:', `bo:${ANA}`, `ana:${BO}`])('%s is no token', async (token) => {
      expect((await call('GET', '/keys', undefined, token)).status).toBe(401);
    });
  });

  describe('lists', () => {
    const owner = `lists-${engine}`;

    beforeAll(async () => {
      await created({ user_id: owner, name: '100%_sure', expires_in_days: 3 });
      await created({
        user_id: owner,
        name: 'Nightly run',
        description: 'of the ETL team',
        expires_in_days: 20,
      });
      await call('POST', '/services', { service_id: 'batch' });
      await created({ user_id: owner, name: 'zebra', service_id: 'batch', environment: 'staging' });
      const ended = await created({ user_id: owner, name: 'ended' });
      await call('DELETE', `/keys/${ended.key_id}`);
      const old = await created({ user_id: owner, name: 'rotated', expires_in_days: 60 });
      await call('POST', `/keys/${old.key_id}/rotate`, { overlap_seconds: 5 * 86_400 });
    });

    it('find part of a name, description or prefix in any case, and treat wildcards as plain characters', async () => {
      expect(await names(`user_id=${owner}&q=nIGHTLY`)).toEqual(['Nightly run']);
      expect(await names(`user_id=${owner}&q=etl+team`)).toEqual(['Nightly run']);
      expect(await names(`user_id=${owner}&q=${encodeURIComponent('0%_s')}`)).toEqual(['100%_sure']);
      expect(await names(`user_id=${owner}&q=${encodeURIComponent('1%s')}`)).toEqual([]);
      const [key] = (await list(`user_id=${owner}&q=zebra`)).keys;
      expect(await names(`q=${key?.key_prefix}`)).toEqual(['zebra']);
      expect(await names(`q=${key?.key_id.toUpperCase()}`)).toEqual(['zebra']);
    });

    it('refuse a whole key, which would be in a history', async () => {
      const { api_key: key } = await created();
      const { status, body } = await call('GET', `/keys?q=${key}`);
      expect(status).toBe(400);
      expect(JSON.stringify(body)).toContain('must not be a whole API key');
      expect(JSON.stringify(body)).not.toContain(key);
    });

    it('filter by status, several values at once, and end', async () => {
      const of = (query: string): Promise<string[]> => names(`user_id=${owner}&sort=name&${query}`);
      expect(await of('status=revoked')).toEqual(['ended']);
      expect(await of('status=rotated')).toEqual(['rotated']);
      expect(await of('status=revoked&status=rotated')).toEqual(['ended', 'rotated']);
      expect(await of('service_id=batch&service_id=nothing')).toEqual(['zebra']);
      expect(await of('environment=staging&environment=development')).toEqual(['zebra']);
      expect(await of('expires_within=4d')).toEqual(['100%_sure']);
      expect((await of('expires_within=30d')).sort()).toEqual(['100%_sure', 'Nightly run', 'rotated']);
      expect(await of(`expires_before=${at(4)}`)).toEqual(['100%_sure']);
    });

    it.each([
      ['name', ['100%_sure', 'Nightly run', 'ended', 'rotated', 'rotated', 'zebra']],
      ['expires_at', ['100%_sure', 'rotated', 'Nightly run', 'rotated', 'ended', 'zebra']],
    ])('sorted by %s page through every key once, those without a value last', async (sort, expected) => {
      for (const order of ['asc', 'desc']) {
        const seen: string[] = [];
        for (let cursor = ''; ;) {
          const page = await list(`user_id=${owner}&sort=${sort}&order=${order}&limit=2${cursor}`);
          expect(page.total).toBe(6);
          seen.push(...page.keys.map(({ name }) => name));
          if (page.next_cursor === null) break;
          cursor = `&cursor=${page.next_cursor}`;
        }
        expect([...seen].sort()).toEqual([...expected].sort());
        const values = (await list(`user_id=${owner}&sort=${sort}&order=${order}`)).keys.map(
          (key) => key[sort as 'name' | 'expires_at'],
        );
        const present = values.filter((value) => value !== null);
        expect(values.slice(0, present.length)).toEqual(present);
        // PostgreSQL orders letters by its own locale.
        if (sort === 'expires_at')
          expect(present).toEqual(order === 'asc' ? [...present].sort() : [...present].sort().reverse());
      }
    });

    it('refuse the cursor of a list in another order', async () => {
      const { next_cursor } = await list(`user_id=${owner}&sort=name&limit=1`);
      const { status, body } = await call('GET', `/keys?sort=expires_at&cursor=${next_cursor}`);
      expect(status).toBe(400);
      expect(JSON.stringify(body)).toContain('next_cursor');
    });

    it('know what was not used since, by validation and by usage reports alike', async () => {
      const user = `unused-${engine}`;
      const validated = await created({ user_id: user, name: 'validated' });
      const reported = await created({ user_id: user, name: 'reported' });
      await created({ user_id: user, name: 'unused' });
      clock.advance(40 * DAY_MS);
      await created({ user_id: user, name: 'new' });
      await isValid(validated.api_key);
      const use = { endpoint: 'GET /x', response_time_ms: 1, status_code: 200 };
      await call('POST', `/usage/${reported.key_id}`, { ...use, timestamp: at(-1) });
      await call('POST', `/usage/${reported.key_id}`, { ...use, timestamp: at(-3) });
      await service.app.get(LastUsedRecorder, { strict: false }).flush();
      expect(await names(`user_id=${user}&unused_since=${at(-30)}`)).toEqual(['unused']);
      const { body } = await call<KeyResource>('GET', `/keys/${reported.key_id}`);
      expect(body.last_used_at).toBe(at(-1));
    });

    it('are counted by status, service, user and environment', async () => {
      const { body } = await call<KeyFacetsResponse>('GET', '/keys/facets');
      const all = await list('limit=1');
      expect(body.total).toBe(all.total);
      for (const status of ['active', 'rotated', 'expired', 'revoked'] as const)
        expect(body.by_status[status]).toBe((await list(`limit=1&status=${status}`)).total);
      expect(body.expire_within_14_days).toBe((await list('limit=1&expires_within=14d')).total);
      expect(body.unused_for_30_days).toBe(
        (await list(`limit=1&status=active&unused_since=${at(-30)}`)).total,
      );
      expect(body.users).toContainEqual({ value: owner, keys: 6, active: expect.any(Number) as number });
      expect(body.services.reduce((sum, { keys }) => sum + keys, 0)).toBe(body.total);
    });
  });

  describe('edits', () => {
    it('change owner and description, and tell gateways of the owner', async () => {
      const { key_id: id } = await created();
      const edit = { user_id: 'bo', description: 'for the nightly run' };
      expect((await call('PATCH', `/keys/${id}`, edit)).body).toMatchObject(edit);
      expect((await call('PATCH', `/keys/${id}`, { user_id: null, description: null })).body).toMatchObject({
        user_id: null,
        description: null,
      });
      const { body } = await call<InvalidationsResponse>('GET', '/invalidations');
      expect(body.gateways).toMatchObject([{ gateway, oldest_at: expect.any(String) as string }]);
      expect(body.gateways[0]?.pending).toBeGreaterThan(1);
    });

    it('shorten an end, and never lengthen it', async () => {
      const { key_id: id, api_key: key } = await created({ expires_in_days: 10 });
      expect((await call('PATCH', `/keys/${id}`, { expires_at: at(5) })).body).toMatchObject({
        expires_at: at(5),
      });
      for (const [end, words] of [
        [at(6), 'must not be later than the key ends now'],
        [at(0), 'must be in the future'],
      ] as const) {
        const { status, body } = await call('PATCH', `/keys/${id}`, { expires_at: end });
        expect(status).toBe(400);
        expect(JSON.stringify(body)).toContain(words);
      }
      const endless = await created();
      expect((await call('PATCH', `/keys/${endless.key_id}`, { expires_at: at(400) })).status).toBe(200);
      clock.advance(6 * DAY_MS);
      expect(await isValid(key)).toBe(false);
    });

    it('extend and end the overlap of a rotated key, never beyond its successor', async () => {
      const old = await created({ expires_in_days: 20 });
      const end = at(20);
      await call('POST', `/keys/${old.key_id}/rotate`, { overlap_seconds: 86_400 });
      const edit = (expires_at: string) => call('PATCH', `/keys/${old.key_id}`, { expires_at });
      expect((await edit(at(3))).body).toMatchObject({ expires_at: at(3) });
      expect((await edit(end)).status).toBe(200);
      expect(JSON.stringify((await edit(at(21))).body)).toContain('the key that took its place');
      expect((await edit(at(0.01))).status).toBe(200);
      const endless = await created();
      await call('POST', `/keys/${endless.key_id}/rotate`, { overlap_seconds: 60 });
      const { body } = await call('PATCH', `/keys/${endless.key_id}`, { expires_at: at(31) });
      expect(JSON.stringify(body)).toContain('at most 30 days');
    });
  });

  it('the lineage of a key shows every key before and after it, and who used each last', async () => {
    const first = await created({ name: 'lineage' });
    const rotate = async (id: string): Promise<string> =>
      (await call<RotateKeyResponse>('POST', `/keys/${id}/rotate`, {})).body.key_id;
    const second = await rotate(first.key_id);
    const third = await rotate(second);
    const use = { endpoint: 'GET /x', response_time_ms: 1, status_code: 200, client_ip: '192.0.2.7' };
    await call('POST', `/usage/${first.key_id}`, { ...use, timestamp: at(0) });
    await service.app.get(UsageRecorder, { strict: false }).flush();
    for (const id of [first.key_id, second, third]) {
      const { body } = await call<KeyLineageResponse>('GET', `/keys/${id}/lineage`);
      expect(body.keys.map((key) => [key.key_id, key.rotated_from_id, key.rotated_to_id])).toEqual([
        [first.key_id, null, second],
        [second, first.key_id, third],
        [third, second, null],
      ]);
      expect(body.keys.map(({ last_used_from }) => last_used_from)).toEqual([
        { address: '192.0.2.7', at: at(0) },
        null,
        null,
      ]);
    }
    expect((await call('GET', `/keys/${NOBODY}/lineage`)).status).toBe(404);
  });

  describe('revocation of several', () => {
    it('is one operation with an entry each, and says what was revoked before and what is unknown', async () => {
      const keys = [await created(), await created(), await created()];
      await call('DELETE', `/keys/${keys[2]?.key_id}`);
      const ids = keys.map(({ key_id }) => key_id);
      const { status, body } = await call<RevokeKeysResponse>('POST', '/keys/revoke', {
        key_ids: [...ids, NOBODY, ids[0]?.toUpperCase()],
        reason: 'leaked',
      });
      expect(status).toBe(200);
      expect(body).toEqual({
        revoked: ids.slice(0, 2).sort(),
        unchanged: [ids[2]],
        unknown: [NOBODY],
        remaining: 0,
      });
      for (const { api_key: key } of keys) expect(await isValid(key)).toBe(false);
      const { body: log } = await call<AuditResponse>('GET', '/audit?action=key.revoked&limit=2');
      expect(log.entries.map(({ key_id, details }) => [key_id, details])).toEqual(
        ids
          .slice(0, 2)
          .sort()
          .reverse()
          .map((id) => [id, { reason: 'leaked' }]),
      );
      expect(new Set(log.entries.map(({ request_id }) => request_id)).size).toBe(1);
    });

    it('takes all keys of an owner', async () => {
      const user = `leaver-${engine}`;
      const keys = [await created({ user_id: user }), await created({ user_id: user })];
      const other = await created({ user_id: `${user}-2` });
      const { body } = await call<RevokeKeysResponse>('POST', '/keys/revoke', { user_id: user });
      expect(body).toMatchObject({ revoked: keys.map(({ key_id }) => key_id).sort(), remaining: 0 });
      expect(await isValid(other.api_key)).toBe(true);
    });

    it.each([
      {},
      { key_ids: [] },
      { key_ids: [NOBODY], user_id: 'a' },
      { key_ids: ['x'] },
      { key_ids: Array.from({ length: 501 }, () => NOBODY) },
    ])('refuses %j', async (body) => {
      expect((await call('POST', '/keys/revoke', body)).status).toBe(400);
    });
  });

  it('the audit log is filtered by who, what and when, and exported line by line', async () => {
    const { body } = await call<AuditResponse>('GET', '/audit?actor=admin:bo&limit=200');
    expect(body.entries.length).toBeGreaterThan(0);
    expect(new Set(body.entries.map(({ actor }) => actor))).toEqual(new Set(['admin:bo']));
    const two = await call<AuditResponse>('GET', '/audit?action=key.revoked&action=key.rotated&limit=200');
    expect(new Set(two.body.entries.map(({ action }) => action))).toEqual(
      new Set(['key.revoked', 'key.rotated']),
    );
    const [entry] = two.body.entries as [AuditEntryResource];
    const same = await call<AuditResponse>('GET', `/audit?request_id=${entry.request_id}`);
    expect(same.body.entries).toContainEqual(entry);

    const response = await fetch(`${service.url}/api/v1/audit/export?action=key.created`, {
      headers: { authorization: `Bearer ${ANA}` },
    });
    expect(response.headers.get('content-type')).toBe('application/x-ndjson; charset=utf-8');
    const lines = (await response.text()).trimEnd().split('\n');
    const entries = lines.map((line) => JSON.parse(line) as AuditEntryResource);
    const { rows } = await sql<{ n: unknown }>`
      select count(*) as n from audit_log where action = 'key.created'`.execute(service.app.get(Database).db);
    expect(entries.length).toBe(Number(rows[0]?.n));
    expect(entries.map(({ seq }) => seq)).toEqual(entries.map(({ seq }) => seq).toSorted((a, b) => a - b));
    const none = await fetch(`${service.url}/api/v1/audit/export?actor=nobody`, {
      headers: { authorization: `Bearer ${ANA}` },
    });
    expect([none.status, await none.text()]).toEqual([200, '']);
  });

  it.each([
    ['GET', '/keys/facets'],
    ['GET', `/keys/${NOBODY}/lineage`],
    ['POST', '/keys/revoke'],
    ['GET', '/audit/export'],
    ['GET', '/invalidations'],
    ['GET', '/usage/series'],
  ])('%s %s is closed without a token', async (method, path) => {
    const answer = await callJson(`${service.url}/api/v1${path}`, method, undefined, {});
    expect(answer.status).toBe(401);
  });
});
