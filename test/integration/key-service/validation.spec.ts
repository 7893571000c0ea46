import type { CreateKeyResponse } from '../../../src/contracts/keys/key-management.js';
import { LastUsedRecorder } from '../../../src/key-service/keys/last-used/last-used.recorder.js';
import { ENGINES, startKeyDatabases, type KeyDatabases } from '../../support/servers/key-databases.js';
import {
  startTestKeyService,
  TEST_PEPPER,
  type Answered,
  type TestKeyService,
} from '../../support/systems/key-service.js';
import { ManualClock } from '../../support/lib/manual-clock.js';

const SERVICE_TOKEN = 'service-token-of-the-gateway';
const bearer = (token: string): Record<string, string> => ({ authorization: `Bearer ${token}` });

describe.each(ENGINES)('validation on %s', (engine) => {
  const clock = new ManualClock();
  let databases: KeyDatabases;
  let service: TestKeyService;

  beforeAll(async () => {
    databases = await startKeyDatabases(engine);
    const env = { DATABASE_URL: await databases.next(), SERVICE_TOKENS: SERVICE_TOKEN };
    service = await startTestKeyService(env, { clock });
  });

  afterAll(async () => {
    await service?.close();
    await databases?.close();
  });

  // Failures are forgotten with time; tests that do not look at it start with a full allowance.
  beforeEach(() => clock.advance(61_000));

  const created = async (fields: object = {}, at: TestKeyService = service): Promise<CreateKeyResponse> =>
    (
      await at.call<CreateKeyResponse>('POST', '/keys', {
        name: 'v',
        service_id: 'ml-platform',
        ...fields,
      })
    ).body;
  const validate = (
    body: object | undefined,
    headers: Record<string, string> = {},
    at: TestKeyService = service,
  ): Promise<Answered> => at.call('POST', '/keys/validate', body, headers);

  it('answers both contracts with the same facts', async () => {
    const key = await created({
      user_id: 'u-1',
      allowed_ips: ['10.0.0.0/8'],
      burst: 3,
      writes_per_minute: 4,
      expires_in_days: 1,
    });
    const inBody = await validate({ api_key: key.api_key, service_id: 'ml-platform', client_ip: '10.1.2.3' });
    const inHeader = await validate(
      { service_id: 'ml-platform', client_ip: '10.1.2.3' },
      bearer(key.api_key),
    );
    expect(inBody.body).toEqual({
      valid: true,
      key_id: key.key_id,
      user_id: 'u-1',
      service_id: 'ml-platform',
      service_ids: ['ml-platform'],
      environment: 'production',
      scopes: key.scopes,
      expires_at: key.expires_at,
      allowed_ips: ['10.0.0.0/8'],
      rate_limit_per_hour: null,
      burst: 3,
      searches_per_minute: null,
      writes_per_minute: 4,
      grants: null,
    });
    expect(inHeader).toMatchObject({ status: 200, body: inBody.body });
    expect(inBody.headers.get('cache-control')).toBe('no-store');
  });

  it('takes the key from the body where the header holds a service token', async () => {
    const key = await created();
    expect((await validate({ api_key: key.api_key }, bearer(SERVICE_TOKEN))).status).toBe(200);
    const missing = await validate({ service_id: 'ml-platform' }, bearer(SERVICE_TOKEN));
    expect(missing).toMatchObject({ status: 401, body: { detail: 'API key required' } });
  });

  it('does without a body, and without a service where the caller checks that itself', async () => {
    const key = await created();
    expect((await validate(undefined, bearer(key.api_key))).status).toBe(200);
    expect((await validate({ future_field: { a: 1 } }, bearer(key.api_key))).status).toBe(200);
  });

  it('asks for a key if there is none', async () => {
    for (const [body, headers] of [
      [{}, {}],
      [undefined, {}],
      [{ api_key: '' }, {}],
      [{ api_key: null }, { authorization: 'Basic dTpw' }],
    ] as const) {
      const answer = await validate(body, headers);
      expect(answer).toMatchObject({ status: 401, body: { detail: 'API key required' } });
      expect(answer.headers.get('www-authenticate')).toBe('Bearer realm="key-service"');
    }
  });

  it('limits requests without a key by address, like refused ones', async () => {
    const env = { DATABASE_URL: await databases.next(), RATE_LIMIT_FAILED_AUTH_PER_MINUTE: '3' };
    const limited = await startTestKeyService(env, { clock });
    try {
      for (let n = 0; n < 3; n++) expect((await validate({}, {}, limited)).status).toBe(401);
      expect((await validate({}, {}, limited)).status).toBe(429);
    } finally {
      await limited.close();
    }
  });

  it('gives one text for unknown, mistyped, revoked, expired, oversized keys and those of other services', async () => {
    await service.call('POST', '/services', { service_id: 'elsewhere' });
    const [revoked, expiring, other] = [
      await created(),
      await created({ expires_in_days: 1 }),
      await created({ service_id: 'elsewhere' }),
    ];
    await service.call('DELETE', `/keys/${revoked.key_id}`);
    clock.advance(86_400_000);
    const mistyped = `${other.api_key.slice(0, -1)}${other.api_key.endsWith('0') ? '1' : '0'}`;
    const keys = [
      revoked.api_key,
      expiring.api_key,
      other.api_key,
      mistyped,
      'hk_live_unknown',
      'x'.repeat(9000),
    ];
    for (const key of keys) {
      const { status, headers, body } = await validate({ api_key: key, service_id: 'ml-platform' });
      expect(status).toBe(401);
      expect(headers.get('www-authenticate')).toBe('Bearer realm="key-service", error="invalid_token"');
      expect(body).toMatchObject({ detail: 'Invalid or expired API key', error_code: 'UNAUTHENTICATED' });
      expect(JSON.stringify(body)).not.toMatch(/revoked|unknown|mistyped|hk_live/);
    }
    expect(service.logs.raw).not.toContain(other.api_key.slice(8));
  });

  it('refuses different keys in header and body as 400, never as a refused key', async () => {
    const key = await created();
    expect((await validate({ api_key: key.api_key }, bearer('mistaken-service-token'))).status).toBe(400);
    expect((await validate({ api_key: key.api_key }, bearer(key.api_key))).status).toBe(200);
  });

  it('leaves addresses to the caller, unless ENFORCE_CLIENT_IP is set', async () => {
    const key = await created({ allowed_ips: ['198.51.100.0/24'] });
    const question = { api_key: key.api_key, client_ip: '203.0.113.9' };
    expect(await validate(question)).toMatchObject({
      status: 200,
      body: { allowed_ips: ['198.51.100.0/24'] },
    });
    const env = { DATABASE_URL: await databases.next(), ENFORCE_CLIENT_IP: 'true' };
    const strict = await startTestKeyService(env, { clock });
    try {
      question.api_key = (await created({ allowed_ips: ['198.51.100.0/24'] }, strict)).api_key;
      expect(await validate(question, {}, strict)).toMatchObject({
        status: 403,
        body: { detail: 'The API key may not be used from this address' },
      });
      expect((await validate({ ...question, client_ip: '198.51.100.4' }, {}, strict)).status).toBe(200);
      expect((await validate({ api_key: question.api_key }, {}, strict)).status).toBe(403);
    } finally {
      await strict.close();
    }
  });

  it.each([
    ['api_key', { api_key: 7 }],
    ['service_id', { api_key: 'k', service_id: ['ml-platform'] }],
    ['client_ip', { api_key: 'k', client_ip: '10.0.0.300' }],
    ['body', ['k']],
  ])('names %s where it is wrong', async (field, body) => {
    const answer = await validate(body);
    expect(answer).toMatchObject({ status: 400, body: { errors: [{ field }] } });
  });

  it('limits refused keys by address, also for good keys then, but not for trusted validators', async () => {
    const env = { RATE_LIMIT_FAILED_AUTH_PER_MINUTE: '3', SERVICE_TOKENS: SERVICE_TOKEN };
    const start = async (more: Record<string, string>): Promise<TestKeyService> =>
      startTestKeyService({ DATABASE_URL: await databases.next(), ...env, ...more }, { clock });
    const limited = await start({});
    const trusting = await start({ TRUSTED_VALIDATORS: '127.0.0.0/8' });
    try {
      const key = await created({}, limited);
      for (let n = 0; n < 3; n++)
        expect((await validate({ api_key: `bad${n}` }, {}, limited)).status).toBe(401);
      const answer = await validate({ api_key: key.api_key }, {}, limited);
      expect(answer).toMatchObject({ status: 429, body: { error_code: 'REQUEST_LIMIT_EXCEEDED' } });
      expect(answer.headers.get('retry-after')).toBe('61');
      expect((await validate({ api_key: key.api_key }, bearer(SERVICE_TOKEN), limited)).status).toBe(200);
      clock.advance(61_000);
      expect((await validate({ api_key: key.api_key }, {}, limited)).status).toBe(200);
      for (let n = 0; n < 10; n++)
        expect((await validate({ api_key: `bad${n}` }, {}, trusting)).status).toBe(401);
    } finally {
      await limited.close();
      await trusting.close();
    }
  });

  it('reads keys of an older pepper and moves them to the current one at their next use', async () => {
    const env = { DATABASE_URL: await databases.next() };
    const withPepper = async <T>(pepper: string, work: (at: TestKeyService) => Promise<T>): Promise<T> => {
      const at = await startTestKeyService({ ...env, KEY_PEPPER: pepper }, { clock });
      return work(at).finally(() => at.close());
    };
    const key = await withPepper(TEST_PEPPER, (at) => created({}, at));
    const status = (pepper: string): Promise<number> =>
      withPepper(pepper, async (at) => (await validate({ api_key: key.api_key }, {}, at)).status);
    const [newer, both] = ['n'.repeat(40), `${'n'.repeat(40)},${TEST_PEPPER}`];
    expect([await status(newer), await status(both), await status(newer)]).toEqual([401, 200, 200]);
  });

  it('records the last use off the request path, and never backwards', async () => {
    const key = await created();
    const lastUsed = async (): Promise<unknown> =>
      (await service.call('GET', `/keys/${key.key_id}`)).body['last_used_at'];
    await validate({ api_key: key.api_key });
    const used = new Date(clock.now()).toISOString();
    await service.app.get(LastUsedRecorder).flush();
    expect(await lastUsed()).toBe(used);
    clock.advance(5000);
    await service.call('PATCH', `/keys/${key.key_id}`, { name: 'still the same use' });
    expect(await lastUsed()).toBe(used);
  });

  it('writes what waits before it stops', async () => {
    const env = { DATABASE_URL: await databases.next(), LAST_USED_FLUSH_INTERVAL_MS: '600000' };
    const stopping = await startTestKeyService(env, { clock });
    const key = await created({}, stopping);
    await validate({ api_key: key.api_key }, {}, stopping);
    await stopping.close();
    const next = await startTestKeyService(env, { clock });
    try {
      expect((await next.call('GET', `/keys/${key.key_id}`)).body['last_used_at']).toBe(
        new Date(clock.now()).toISOString(),
      );
    } finally {
      await next.close();
    }
  });
});
