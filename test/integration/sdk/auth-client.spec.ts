import { inspect } from 'node:util';
import {
  AuthClient,
  AuthenticationError,
  ConfigurationError,
  ConflictError,
  NotFoundError,
  ServiceUnavailableError,
  setup,
  UnexpectedResponseError,
  ValidationError,
  type FetchInit,
  type ValidationContract,
} from '../../../src/sdk/index.js';
import { type FakeAuthService, startFakeAuthService } from '../../support/servers/fake-auth-service.js';
import {
  startTestKeyService,
  TEST_ADMIN_TOKEN,
  type TestKeyService,
} from '../../support/systems/key-service.js';
import {
  sendJson,
  startRecordingUpstream,
  type RecordingUpstream,
} from '../../support/servers/recording-upstream.js';
import { tempDir } from '../../support/lib/temp-dir.js';
import { collect } from './scenario.js';

let service: TestKeyService;
let auth: AuthClient;
let removeDir: () => Promise<void>;

beforeAll(async () => {
  const { path, remove } = await tempDir('sdk-keys');
  removeDir = remove;
  service = await startTestKeyService({ DATABASE_URL: `sqlite:///${path}/keys.sqlite` });
  auth = new AuthClient({ adminToken: TEST_ADMIN_TOKEN, authServiceUrl: service.url, env: {} });
});
afterAll(async () => {
  await service?.close();
  await removeDir?.();
});

describe('AuthClient on the key service', () => {
  it.each<ValidationContract>(['auto', 'header', 'body'])(
    'tells a good key from a bad one under the contract %s',
    async (contract) => {
      const client = new AuthClient({ authServiceUrl: service.url, contract, env: {} });
      const { api_key, key_id } = await auth.createKey({ name: contract, rate_limit_per_hour: 500 });
      expect(await client.validate(api_key)).toMatchObject({ valid: true, key_id, rate_limit_per_hour: 500 });
      expect(await client.validate(`${api_key.slice(0, -1)}!`)).toEqual({
        valid: false,
        detail: 'Invalid or expired API key',
      });
      expect(await client.validate(api_key, { serviceId: 'another' })).toMatchObject({ valid: false });
    },
  );

  it('issues, shows, changes, lists and revokes keys', async () => {
    const made = await auth.createKey({
      name: 'life',
      user_id: 'sdk-life',
      environment: 'staging',
      expires_in_days: 1,
    });
    expect(made).toMatchObject({ service_id: 'ml-platform', environment: 'staging' });
    expect(made.api_key).toMatch(/^hk_test_/);
    expect(await auth.getKey(made.key_id)).not.toHaveProperty('api_key');
    expect(await auth.updateKey(made.key_id, { name: 'renamed', burst: 7 })).toMatchObject({
      name: 'renamed',
      burst: 7,
    });
    const revoked = await auth.revokeKey(made.key_id);
    expect(revoked).toMatchObject({ key_id: made.key_id, is_active: false });
    expect(revoked.revoked_at).not.toBeNull();
    expect(await auth.revokeKey(made.key_id)).toEqual(revoked);
    expect(await auth.validate(made.api_key)).toMatchObject({ valid: false });
  });

  it('lists every key once over many pages, filtered, and single pages by cursor', async () => {
    for (const name of ['a', 'b', 'c', 'd', 'e']) await auth.createKey({ name, user_id: 'sdk-pages' });
    const query = { user_id: 'sdk-pages', limit: 2 };
    const names = (await collect(auth.listKeys(query))).map(({ name }) => name).sort();
    expect(names).toEqual(['a', 'b', 'c', 'd', 'e']);
    const first = await auth.listKeysPage(query);
    expect(first.keys).toHaveLength(2);
    const rest = await collect(auth.listKeys({ ...query, cursor: first.next_cursor ?? '' }));
    expect(rest).toHaveLength(3);
    expect(await collect(auth.listKeys({ ...query, is_active: false }))).toEqual([]);
  });

  it('rotates with an overlap in which both keys are good', async () => {
    const old = await auth.createKey({ name: 'rotating' });
    const rotated = await auth.rotateKey(old.key_id, { overlap_seconds: 60 });
    expect(rotated).toMatchObject({ old_key_id: old.key_id });
    expect(await auth.validate(old.api_key)).toMatchObject({ valid: true });
    expect(await auth.validate(rotated.api_key)).toMatchObject({ valid: true, key_id: rotated.key_id });
    await auth.revokeKey(rotated.key_id);
    await expect(auth.rotateKey(rotated.key_id)).rejects.toBeInstanceOf(ConflictError);
  });

  it('gives usage and the audit log, and has its chain checked', async () => {
    const { key_id } = await auth.createKey({ name: 'audited' });
    await auth.revokeKey(key_id);
    expect(await auth.usage(key_id, { period: 'day' })).toMatchObject({
      key_id,
      period: 'day',
      total_requests: 0,
    });
    expect(await auth.usageSummary({ key_id, period: 'hour' })).toMatchObject({ period: 'hour', rows: [] });
    const actions = (await collect(auth.audit({ key_id, limit: 1 }))).map(({ action }) => action);
    expect(actions).toEqual(['key.revoked', 'key.created']);
    expect((await auth.auditPage({ key_id, action: 'key.created' })).entries).toHaveLength(1);
    expect(await auth.verifyAudit()).toMatchObject({ valid: true, broken_at_seq: null });
  });

  it('makes, lists, changes and removes rotation policies', async () => {
    const { policy_id: id } = await auth.createRotationPolicy({ environment: 'staging', max_age_days: 90 });
    expect(await auth.updateRotationPolicy(id, { max_age_days: 30 })).toMatchObject({ warns_only: true });
    expect((await auth.rotationPolicies()).policies).toMatchObject([{ policy_id: id, max_age_days: 30 }]);
    expect(await auth.rotationDeliveries()).toEqual({ deliveries: [], total: 0 });
    await auth.removeRotationPolicy(id);
    await expect(auth.removeRotationPolicy(id)).rejects.toBeInstanceOf(NotFoundError);
    await expect(auth.removeRotationPolicy('')).rejects.toBeInstanceOf(ValidationError);
  });

  it('names what is wrong: the field, the missing key, the missing or bad token', async () => {
    const refused = auth.createKey({ name: '', allowed_ips: [] });
    await expect(refused).rejects.toBeInstanceOf(ValidationError);
    await expect(refused).rejects.toMatchObject({
      status: 400,
      requestId: expect.stringMatching(/./),
      fields: expect.arrayContaining([expect.objectContaining({ field: 'name' })]),
    });
    await expect(auth.getKey('00000000-0000-4000-8000-000000000000')).rejects.toBeInstanceOf(NotFoundError);
    await expect(auth.getKey('')).rejects.toBeInstanceOf(ValidationError);
    await expect(auth.getKey('..')).rejects.toBeInstanceOf(ValidationError);
    const nobody = new AuthClient({ authServiceUrl: service.url, env: {} });
    await expect(nobody.listKeysPage()).rejects.toThrow(ConfigurationError);
    await expect(nobody.validate()).rejects.toThrow(/HOKUSAI_API_KEY/);
    const token = 'a-wrong-token-of-some-length';
    const wrong = new AuthClient({ authServiceUrl: service.url, adminToken: token, env: {} });
    const error = await wrong.listKeysPage().catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(AuthenticationError);
    expect(
      inspect([error, wrong], { depth: 9, showHidden: true }) + JSON.stringify([error, wrong]),
    ).not.toContain(token);
  });
});

describe('AuthClient never fails open', () => {
  const KEY = 'hk_live_some_key_of_another_issuer';
  const NEVER: [string, number, unknown, abstract new (...args: never[]) => Error][] = [
    ['no flag', 200, { key_id: 'x' }, UnexpectedResponseError],
    ['a flag that is no boolean', 200, { valid: 'true' }, UnexpectedResponseError],
    ['contradicting types', 200, { valid: true, is_valid: 1 }, UnexpectedResponseError],
    ['a list', 200, [true], UnexpectedResponseError],
    ['a login page', 200, '<html>', UnexpectedResponseError],
    ['an outage', 503, { detail: 'down' }, ServiceUnavailableError],
    ['a missing endpoint', 404, { detail: 'Not Found' }, NotFoundError],
    [
      'a service that finds no key in any place',
      401,
      { detail: 'API key required' },
      ServiceUnavailableError,
    ],
    ['a redirect', 302, {}, UnexpectedResponseError],
  ];

  it.each(NEVER)('an answer with %s is an error, no verdict', async (_, status, body, kind) => {
    const fake = await startFakeAuthService();
    try {
      fake.override((_request, response) => {
        response.setHeader('location', 'http://127.0.0.1:9/');
        return typeof body === 'string' ? response.end(body) : sendJson(response, status, body);
      });
      const client = new AuthClient({
        authServiceUrl: fake.url,
        apiKey: KEY,
        retry: { maxRetries: 0 },
        env: {},
      });
      const error = await client.validate().catch((reason: unknown) => reason);
      expect(error).toBeInstanceOf(kind);
      expect(inspect(error, { depth: 9 })).not.toContain(KEY);
      const validated = setup({
        authServiceUrl: fake.url,
        apiKey: KEY,
        validateWithAuthService: true,
        retry: { maxRetries: 0 },
      });
      await expect(validated).rejects.toBeInstanceOf(kind);
    } finally {
      await fake.close();
    }
  });

  it('learns which contract a service speaks, and then makes one call a key', async () => {
    const fake = await startFakeAuthService({ contracts: ['body'] });
    try {
      fake.know(KEY);
      const client = new AuthClient({ authServiceUrl: fake.url, apiKey: KEY, env: {} });
      await client.validate();
      await client.validate();
      expect(fake.calls.map(({ contract }) => contract)).toEqual(['header', 'body', 'body']);
      expect(await client.validate('hk_live_unknown_key_of_nobody')).toMatchObject({ valid: false });
    } finally {
      await fake.close();
    }
  });

  it.each([
    ['a no in a 200', (fake: FakeAuthService) => fake.know(KEY, { valid: false })],
    ['a refusal', (fake: FakeAuthService) => fake.forget(KEY)],
  ])('learns no contract from %s', async (_, refuse) => {
    const services = [
      await startFakeAuthService({ contracts: ['header'] }),
      await startFakeAuthService({ contracts: ['body'] }),
    ] as const;
    let current: FakeAuthService = services[0];
    const send = (url: string, init: FetchInit): Promise<Response> =>
      fetch(url.replace(services[0].url, current.url), init);
    try {
      const client = new AuthClient({ authServiceUrl: services[0].url, apiKey: KEY, fetch: send, env: {} });
      refuse(current);
      expect(await client.validate()).toMatchObject({ valid: false });
      current = services[1];
      current.know(KEY);
      expect(await client.validate()).toMatchObject({ valid: true });
      expect(current.calls.map(({ contract }) => contract)).toEqual(['header', 'body']);
    } finally {
      for (const service of services) await service.close();
    }
  });

  it.each([
    [401, 'API key required'],
    [400, 'Bad Request'],
    [422, 'Unprocessable'],
  ])('tries the other contract where a learned one gets %d "%s"', async (status, detail) => {
    const fake = await startFakeAuthService();
    try {
      fake.know(KEY);
      const client = new AuthClient({ authServiceUrl: fake.url, apiKey: KEY, env: {} });
      await client.validate();
      fake.know(KEY, ({ contract }, response) =>
        contract === 'header'
          ? sendJson(response, status, { detail })
          : sendJson(response, 200, { valid: true }),
      );
      expect(await client.validate()).toMatchObject({ valid: true });
      expect(await client.validate()).toMatchObject({ valid: true });
      expect(fake.calls.map(({ contract }) => contract)).toEqual(['header', 'header', 'body', 'body']);
      fake.forget(KEY);
      expect(await client.validate()).toMatchObject({ valid: false });
      expect(fake.calls).toHaveLength(5);
    } finally {
      await fake.close();
    }
  });

  it('a key too short to be a secret leaves the words of a refusal whole', async () => {
    const fake = await startFakeAuthService();
    try {
      const client = new AuthClient({ authServiceUrl: fake.url, apiKey: 'x', env: {} });
      expect(await client.validate()).toEqual({ valid: false, detail: 'Invalid or expired API key' });
    } finally {
      await fake.close();
    }
  });

  it.each([null, 'hk_live_key'])('setup(%p) says that its options must be an object', async (options) => {
    await expect(setup(options as unknown as object)).rejects.toThrow(/options must be an object/);
  });

  it('setup says that a refused key is refused', async () => {
    const fake = await startFakeAuthService();
    try {
      const refused = setup({
        authServiceUrl: fake.url,
        apiKey: KEY,
        validateWithAuthService: true,
        env: {},
      });
      await expect(refused).rejects.toBeInstanceOf(AuthenticationError);
      await expect(refused).rejects.toThrow('Invalid or expired API key');
    } finally {
      await fake.close();
    }
  });
});

describe('AuthClient on something that is not the key service', () => {
  const ID = '0d7e5f1c-2f3b-4f6e-9a55-0c8d1f0f5b11';
  const REVOKED = { key_id: ID, revoked_at: '2026-01-31T12:00:00Z' };
  let other: RecordingUpstream;
  let client: AuthClient;

  beforeEach(async () => {
    other = await startRecordingUpstream();
    client = new AuthClient({ adminToken: TEST_ADMIN_TOKEN, authServiceUrl: other.url, env: {} });
  });
  afterEach(() => other?.close());

  const CALLS: [string, () => Promise<unknown>][] = [
    ['createKey', () => client.createKey({ name: 'x' })],
    ['getKey', () => client.getKey(ID)],
    ['updateKey', () => client.updateKey(ID, { name: 'x' })],
    ['rotateKey', () => client.rotateKey(ID)],
    ['revokeKey', () => client.revokeKey(ID)],
    ['listKeys', () => collect(client.listKeys())],
    ['listKeysPage', () => client.listKeysPage()],
    ['usage', () => client.usage(ID)],
    ['usageSummary', () => client.usageSummary()],
    ['audit', () => collect(client.audit())],
    ['verifyAudit', () => client.verifyAudit()],
    ['rotationPolicies', () => client.rotationPolicies()],
    ['createRotationPolicy', () => client.createRotationPolicy({ max_age_days: 90 })],
    ['updateRotationPolicy', () => client.updateRotationPolicy(ID, { max_age_days: 90 })],
    ['rotationDeliveries', () => client.rotationDeliveries()],
  ];

  it.each(CALLS)('%s takes no answer that makes no sense', async (_, call) => {
    for (const body of ['', 'null', '[]', '"x"', '{}', '<html>']) {
      other.answer((_request, response) => void response.setHeader('x-request-id', 'r-1').end(body));
      const answered = call();
      await expect(answered).rejects.toBeInstanceOf(UnexpectedResponseError);
      await expect(answered).rejects.toMatchObject({ status: 200, requestId: 'r-1' });
    }
  });

  it.each(CALLS)('%s takes no echo of what it sent', async (_, call) => {
    other.answer((request, response) => void response.end(request.body.length > 0 ? request.body : '{}'));
    await expect(call()).rejects.toBeInstanceOf(UnexpectedResponseError);
  });

  it.each([
    ['a key without its id', () => client.createKey({ name: 'x' }), { api_key: 'hk_live_secret' }],
    ['an id without the key', () => client.createKey({ name: 'x' }), { key_id: ID }],
    ['a successor without its key', () => client.rotateKey(ID), { key_id: ID, api_key: '' }],
    ['keys that are none', () => client.listKeysPage(), { keys: [null], next_cursor: null }],
    ['a list of keys that is none', () => client.listKeysPage(), { keys: 'x', next_cursor: null }],
    ['a verdict that is no yes', () => client.verifyAudit(), { valid: 'true' }],
  ])('%s is an error, and its text holds no key', async (_, call, body) => {
    other.answer((_request, response) => sendJson(response, 200, body));
    const error = await call().catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(UnexpectedResponseError);
    expect(inspect(error, { depth: 9 })).not.toContain('hk_live_secret');
  });

  it.each([
    ['200 to the deletion', 200, REVOKED],
    ['another key afterwards', 204, { ...REVOKED, key_id: '00000000-0000-4000-8000-000000000000' }],
    ['a key that is not revoked afterwards', 204, { ...REVOKED, revoked_at: null }],
    ['a key without a time of revocation', 204, { key_id: ID }],
    ['a message of something else', 204, {}],
    ['no message', 204, null],
  ])('%s is no revocation: the key may still be valid', async (_, status, after) => {
    other.answer((request, response) =>
      request.method === 'DELETE' ? void response.writeHead(status).end() : sendJson(response, 200, after),
    );
    const revoked = client.revokeKey(ID);
    await expect(revoked).rejects.toBeInstanceOf(UnexpectedResponseError);
    await expect(revoked).rejects.toThrow(/may still be valid.+may not be the key service/);
  });

  it('a revoked key is known by its id in either case', async () => {
    other.answer((request, response) =>
      request.method === 'DELETE' ? void response.writeHead(204).end() : sendJson(response, 200, REVOKED),
    );
    expect(await client.revokeKey(ID.toUpperCase())).toEqual(REVOKED);
  });

  it.each([
    ['listKeys', () => collect(client.listKeys()), 2],
    ['listKeys from a cursor', () => collect(client.listKeys({ cursor: 'again' })), 1],
    ['audit', () => collect(client.audit()), 2],
  ])('%s ends where the same cursor comes again', async (_, call, requests) => {
    other.answer((_request, response) =>
      sendJson(response, 200, { keys: [], entries: [], next_cursor: 'again' }),
    );
    await expect(call()).rejects.toBeInstanceOf(UnexpectedResponseError);
    expect(other.requests).toHaveLength(requests);
  });
});
