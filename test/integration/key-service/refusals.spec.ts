import { ENGINES, startKeyDatabases, type KeyDatabases } from '../../support/servers/key-databases.js';
import {
  startTestKeyService,
  type Answered,
  type TestKeyService,
} from '../../support/systems/key-service.js';

interface Refused {
  error_code: string;
  message: string;
  errors?: { field: string; message: string }[];
}

describe.each(ENGINES)('what the key service refuses on %s', (engine) => {
  let databases: KeyDatabases;
  let service: TestKeyService;

  beforeAll(async () => {
    databases = await startKeyDatabases(engine);
    service = await startTestKeyService({ DATABASE_URL: await databases.next() });
  });

  afterAll(async () => {
    await service?.close();
    await databases?.close();
  });

  const create = (fields: object): Promise<Answered<Refused>> =>
    service.call<Refused>('POST', '/keys', { name: 'n', service_id: 'ml-platform', ...fields });
  const count = async (): Promise<number> =>
    (await service.call<{ keys: unknown[] }>('GET', '/keys?limit=200')).body.keys.length;

  it.each<[string, object]>([
    ['name', { name: undefined }],
    ['name', { name: '' }],
    ['name', { name: '   ' }],
    ['name', { name: 7 }],
    ['name', { name: 'x'.repeat(201) }],
    ['name', { name: 'nul\u0000' }],
    ['name', { name: 'line\nbreak' }],
    ['name', { name: 'half a pair \ud800' }],
    ['name', { name: 'turned \u202e round' }],
    ['name', { name: '\u200b\u200d\u2060\ufeff' }],
    ['name', { name: '\u200e\u200f\u061c' }],
    ['name', { name: '\u3164\u115f\uffa0' }],
    ['name', { name: ' \u00ad \u2800 ' }],
    ['name', { name: '\u0301\u20e3' }],
    ['name', { name: '\ufe0f\u{e0101}\u{e0041}' }],
    ['user_id', { user_id: '\u200b' }],
    ['service_id', { service_id: undefined }],
    ['service_id', { service_id: "ml'; drop table api_keys; --" }],
    ['service_id', { service_id: { $ne: null } }],
    ['user_id', { user_id: ['a'] }],
    ['environment', { environment: 'prod' }],
    ['scopes', { scopes: ['mlflow:acess'] }],
    ['scopes', { scopes: 'mlflow:access' }],
    ['scopes', { scopes: ['mlflow:access', 'mlflow:access'] }],
    ['expires_at', { expires_at: 'tomorrow' }],
    ['expires_at', { expires_at: '2031-02-30T00:00:00Z' }],
    ['expires_at', { expires_at: '2031-02-03' }],
    ['expires_at', { expires_at: '2001-01-01T00:00:00Z' }],
    ['expires_at', { expires_at: new Date(Date.now() + 3651 * 86_400_000).toISOString() }],
    ['expires_at', { expires_at: '2031-01-01T00:00:00 02:00' }],
    ['expires_in_days', { expires_in_days: 0 }],
    ['expires_in_days', { expires_in_days: '30' }],
    ['rate_limit_per_hour', { rate_limit_per_hour: 0 }],
    ['rate_limit_per_hour', { rate_limit_per_hour: 1e12 }],
    ['burst', { burst: 1.5 }],
    ['searches_per_minute', { searches_per_minute: 0 }],
    ['writes_per_minute', { writes_per_minute: '5' }],
    ['allowed_ips', { allowed_ips: [] }],
    ['allowed_ips', { allowed_ips: ['10.0.0.0/33'] }],
    ['allowed_ips', { allowed_ips: '10.0.0.1' }],
    ['expire_at', { expire_at: '2031-01-01T00:00:00Z' }],
    ['__proto__', JSON.parse('{"__proto__":{"admin":true}}') as object],
    ['constructor', { constructor: 1 }],
  ])('a creation with a wrong %s, naming the field (%j)', async (field, fields) => {
    const before = await count();
    // Spread copies "__proto__" as an own field, which an object literal would not.
    const body = JSON.stringify({ name: 'n', service_id: 'ml-platform', ...fields });
    const answer = await service.call<Refused>('POST', '/keys', body);
    expect(answer).toMatchObject({ status: 400, body: { error_code: 'INVALID_PARAMETER_VALUE' } });
    expect(answer.body.errors?.map((error) => error.field)).toEqual([field]);
    expect(answer.body.message).toContain(field);
    expect(await count()).toBe(before);
  });

  it('every wrong field at once', async () => {
    const { body } = await create({ name: 1, burst: 'x', nonsense: true });
    expect(body.errors?.map((error) => error.field).sort()).toEqual(['burst', 'name', 'nonsense']);
  });

  it('both ways to say when a key ends', async () => {
    const { body } = await create({ expires_at: '2031-01-01T00:00:00Z', expires_in_days: 3 });
    expect(body.errors?.map((error) => error.field)).toEqual(['expires_at', 'expires_in_days']);
  });

  it.each(['"text"', '7', 'null', '[]', 'true'])('a body that is %s instead of an object', async (body) => {
    const answer = await service.call<Refused>('POST', '/keys', body);
    const field = body === 'null' ? undefined : 'body';
    expect(answer.status).toBe(400);
    if (field !== undefined)
      expect(answer.body.errors).toEqual([{ field, message: 'must be a JSON object' }]);
  });

  it('a body that is not JSON: 400; of another type: 415; compressed: 415; huge: 413', async () => {
    const send = (body: string, headers: object): Promise<Answered<Refused>> =>
      service.call<Refused>('POST', '/keys', body, {
        authorization: 'Bearer admin-token-of-the-tests',
        'content-type': 'application/json',
        ...headers,
      });
    const broken = await send('{"name":', {});
    expect(broken.status).toBe(400);
    expect(broken.body.message).toContain('not valid JSON');
    expect((await send('name=x', { 'content-type': 'application/x-www-form-urlencoded' })).status).toBe(415);
    expect((await send('{}', { 'content-encoding': 'gzip' })).status).toBe(415);
    expect((await send(JSON.stringify({ name: 'x'.repeat(2 ** 21) }), {})).status).toBe(413);
    expect((await send(`${'['.repeat(8000)}${']'.repeat(8000)}`, {})).status).toBe(400);
  });

  it.each([
    ['limit', 'limit=0'],
    ['limit', 'limit=201'],
    ['limit', 'limit=ten'],
    ['limit', 'limit=1&limit=2'],
    ['cursor', 'cursor=bm8'],
    ['cursor', 'cursor=%27%20or%201=1'],
    ['is_active', 'is_active=yes'],
    ['environment', 'environment=prod'],
    ['user_id', 'user_id=%00'],
    ['page', 'page=2'],
  ])('a list with a wrong %s, naming it (%s)', async (field, query) => {
    const answer = await service.call<Refused>('GET', `/keys?${query}`);
    expect(answer).toMatchObject({ status: 400, body: { errors: [{ field }] } });
  });

  it('strings that look like SQL are only strings: they are stored and found, and nothing else happens', async () => {
    const name = `Robert'); drop table api_keys; -- " \\ %_ 🤖`;
    expect((await create({ name, user_id: name })).status).toBe(201);
    const { body } = await service.call<{ keys: { name: string }[] }>(
      'GET',
      `/keys?user_id=${encodeURIComponent(name)}`,
    );
    expect(body.keys.map((key) => key.name)).toEqual([name]);
  });

  it.each(['Ärger', 'ключ', '训练', '👩‍🔬', 'שרת', '\u200fשרת\u200f', '#1', 'e\u0301', '-'])(
    'no name that can be seen: %s',
    async (name) => expect((await create({ name })).status).toBe(201),
  );

  it('no offset of a time for the plus that a query turns into a blank', async () => {
    const from = '2026-11-20T00:00:00';
    for (const offset of ['+02:00', '%2B02:00', '-02:00', 'Z'])
      for (const path of ['/audit', '/usage/summary'])
        expect(
          (await service.call('GET', `${path}?from=${from}${offset}&to=2026-11-21T00:00:00Z`)).status,
        ).toBe(200);
    const { body } = await service.call<{ from: string }>(
      'GET',
      `/usage/summary?from=${from}+02:00&to=2026-11-21T00:00:00Z`,
    );
    expect(body.from).toBe('2026-11-19T22:00:00.000Z');
  });

  it('paths and methods that it does not have, in its own words', async () => {
    expect(await service.call<Refused>('GET', '/nothing')).toMatchObject({
      status: 404,
      body: { error_code: 'ENDPOINT_NOT_FOUND', message: expect.stringContaining('/api/v1/keys') as string },
    });
    const put = await service.call<Refused>('PUT', '/keys', {});
    expect(put.status).toBe(405);
    expect(put.headers.get('allow')).toBe('GET, HEAD, POST');
  });
});
