import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { connect } from 'node:net';
import { ExpirySweeper } from '../../../src/key-service/keys/ends/expiry-sweeper.js';
import { UsageRecorder } from '../../../src/key-service/usage/records/usage.recorder.js';
import { ManualClock } from '../../support/lib/manual-clock.js';
import { ENGINES, startKeyDatabases, type KeyDatabases } from '../../support/servers/key-databases.js';
import {
  startTestKeyService,
  TEST_ADMIN_TOKEN,
  type Answered,
  type TestKeyService,
} from '../../support/systems/key-service.js';

interface Refused {
  errors?: { field: string }[];
}

const NOBODY = '00000000-0000-4000-8000-000000000000';

const cursorOf = (text: string): string => Buffer.from(text).toString('base64url');
const hour = (offset: number): string =>
  new Date(Math.floor(Date.now() / 3_600_000) * 3_600_000 + offset).toISOString();

describe.each(ENGINES)('a hostile caller of the key service on %s', (engine) => {
  let databases: KeyDatabases;
  let service: TestKeyService;

  beforeAll(async () => {
    databases = await startKeyDatabases(engine);
    service = await startTestKeyService({
      DATABASE_URL: await databases.next(),
      USAGE_FLUSH_INTERVAL_MS: '600000',
      RATE_LIMIT_FAILED_AUTH_PER_MINUTE: '1000000',
    });
  });

  afterAll(async () => {
    await service?.close();
    await databases?.close();
  });

  const create = (fields: object): Promise<Answered<{ key_id: string; api_key: string } & Refused>> =>
    service.call('POST', '/keys', { name: 'n', service_id: 'ml-platform', ...fields });

  /** Status of the answer to a request whose body never comes. */
  async function statusOfHeaders(method: string, path: string, bytes: number): Promise<number> {
    const { hostname, port } = new URL(service.url);
    const socket = connect(Number(port), hostname);
    socket.write(
      `${method} /api/v1${path} HTTP/1.1\r\nHost: k\r\nContent-Type: application/json\r\nContent-Length: ${bytes}\r\n\r\n`,
    );
    const [answer] = (await once(socket, 'data', { signal: AbortSignal.timeout(2000) })) as [Buffer];
    socket.destroy();
    return Number(answer.toString().slice(9, 12));
  }

  it.each([
    'hk_l\u0000abcdefghijklmnop',
    'hk_live_\ud800half-a-pair',
    `hk_live_${'🤖'.repeat(30)}`,
    '\u0000',
    "' or 1=1 --",
    '%',
    '__proto__',
    'x'.repeat(15_000),
  ])('learns nothing from a key that is no text of a key (%#)', async (key) => {
    const answer = await service.call('POST', '/keys/validate', { api_key: key, service_id: '\u0000' }, {});
    expect(answer).toMatchObject({ status: 401, body: { detail: 'Invalid or expired API key' } });
  });

  it.each([
    ['cursor', `/keys?cursor=${cursorOf(`0000-01-01T00:00:00.000Z ${randomUUID()}`)}`],
    ['cursor', `/keys?cursor=${cursorOf(`2026-02-31T00:00:00.000Z ${randomUUID()}`)}`],
    ['cursor', `/keys?cursor=${cursorOf(`2026-01-01T00:00:00.000Z ' or 1=1`)}`],
    ['cursor', '/audit?cursor=99999999999999999999'],
    ['cursor', '/audit?cursor=-1'],
    ['from', '/audit?from=0000-01-01T00:00:00Z'],
    ['to', '/audit?to=9999-12-31T23:59:59-23:59'],
    ['from', '/audit?from=0000-01-01T00:00:00%2B23:59'],
    ['to', '/usage/summary?to=9999-12-31T23:59:59-23:59'],
    ['from', '/usage/summary?from=0000-01-01T00:00:00Z&to=0001-01-02T00:00:00Z'],
  ])('gets 400 that names %s (%#)', async (field, path) => {
    const answer = await service.call<Refused>('GET', path);
    expect(answer).toMatchObject({ status: 400, body: { errors: [{ field }] } });
  });

  it.each(['0000-01-01T00:00:00Z', '9999-12-31T23:59:59-23:59'])(
    'reports no usage at %s, which the calendar of the database does not have',
    async (timestamp) => {
      const record = {
        key_id: randomUUID(),
        endpoint: 'e',
        timestamp,
        response_time_ms: 1,
        status_code: 200,
      };
      const answer = await service.call<Refused>('POST', '/usage', { records: [record] });
      expect(answer).toMatchObject({ status: 400, body: { errors: [{ field: 'records.0.timestamp' }] } });
    },
  );

  it('may ask for usage from the first second that databases have', async () => {
    const answer = await service.call('GET', '/usage/summary?to=0001-01-01T00:00:01Z');
    expect(answer).toMatchObject({ status: 200, body: { from: '0001-01-01T00:00:00.000Z' } });
  });

  it('sees no other keys by wildcards in a filter', async () => {
    await create({ user_id: 'someone' });
    for (const query of ['user_id=%25', 'user_id=some____', 'key_prefix=hk_live_%25', 'key_prefix=hk%'])
      expect((await service.call<{ keys: [] }>('GET', `/keys?${query}`)).body.keys).toEqual([]);
  });

  it.each(['allowed_ips', 'scopes'])('is not heard out on 2,000 %s before the refusal', async (field) => {
    const body = JSON.stringify({
      name: 'n',
      service_id: 'ml-platform',
      [field]: Array.from({ length: 2000 }, (_, i) => `1${i}`),
    });
    const start = performance.now();
    const answer = await service.call<Refused>('POST', '/keys', body);
    expect(answer).toMatchObject({ status: 400, body: { errors: [{ field }] } });
    expect(JSON.stringify(answer.body).length).toBeLessThan(10_000);
    expect(performance.now() - start).toBeLessThan(1000);
  });

  it.each([
    ['POST', '/keys'],
    ['PATCH', `/keys/${NOBODY}`],
    ['POST', `/keys/${NOBODY}/rotate`],
    ['POST', '/usage'],
    ['POST', `/usage/${NOBODY}`],
  ])('without a token is refused at %s %s before a byte of the body is read', async (method, path) => {
    expect(await statusOfHeaders(method, path, 1_000_000)).toBe(401);
  });

  it.each([
    ['/keys/validate', 16 * 1024, 401],
    // Grants may have 32 KiB, and JSON may double what they are.
    ['/keys', 64 * 1024, 400],
    [`/usage/${NOBODY}`, 16 * 1024, 400],
    ['/usage', 1024 * 1024, 202],
  ])('may send %s no more than %d bytes', async (path, limit, status) => {
    const padded = (bytes: number): string => {
      const start = path === '/usage' ? '{"records":[]}' : '{"api_key":"k"}';
      return start.padEnd(bytes);
    };
    const headers: Record<string, string> =
      path === '/keys/validate' ? {} : { authorization: `Bearer ${TEST_ADMIN_TOKEN}` };
    expect((await service.call('POST', path, padded(limit), headers)).status).toBe(status);
    expect((await service.call('POST', path, padded(limit + 1), headers)).status).toBe(413);
  });

  it('names a text whose bytes are no UTF-8, and one of JSON’s doubled fields counts', async () => {
    const post = (body: Buffer): Promise<Response> =>
      fetch(`${service.url}/api/v1/keys`, {
        method: 'POST',
        headers: { authorization: `Bearer ${TEST_ADMIN_TOKEN}`, 'content-type': 'application/json' },
        body: new Uint8Array(body),
      });
    const latin1 = await post(Buffer.from('{"name":"Müller","service_id":"ml-platform"}', 'latin1'));
    expect([latin1.status, await latin1.json()]).toMatchObject([400, { errors: [{ field: 'name' }] }]);
    const doubled = await post(Buffer.from('{"name":"first","name":"second","service_id":"ml-platform"}'));
    expect([doubled.status, await doubled.json()]).toMatchObject([201, { name: 'second' }]);
  });

  it.each(['rate_limit_per_hour', 'burst', 'searches_per_minute', 'writes_per_minute'])(
    'sets no %s that does not fit a column',
    async (field) => {
      for (const value of [1_000_000_001, 2 ** 31, 2 ** 53, -1, 1e308, '1', true, [1]])
        expect(await create({ [field]: value })).toMatchObject({
          status: 400,
          body: { errors: [{ field }] },
        });
      expect((await create({ [field]: 1_000_000_000 })).status).toBe(201);
    },
  );

  it('cannot break a summary by byte counts whose sum no integer holds', async () => {
    const { key_id } = (await create({})).body;
    const records = Array.from({ length: 1000 }, () => ({
      id: randomUUID(),
      key_id,
      endpoint: 'e',
      timestamp: hour(0),
      response_time_ms: 2_147_483_647,
      status_code: 200,
      bytes_in: Number.MAX_SAFE_INTEGER,
      bytes_out: Number.MAX_SAFE_INTEGER,
    }));
    for (let batch = 0; batch < 2; batch++) {
      const fresh = records.map((record) => ({ ...record, id: randomUUID() }));
      await service.call('POST', '/usage', { records: fresh });
    }
    await service.app.get(UsageRecorder, { strict: false }).flush();
    const answer = await service.call<{ total_requests: number }>('GET', `/keys/${key_id}/usage`);
    expect(answer).toMatchObject({ status: 200, body: { total_requests: 2000 } });
  });

  it('makes no key by a name that every object has', async () => {
    for (const name of ['toString', 'hasOwnProperty', 'valueOf', '__defineGetter__', 'prototype'])
      expect(await create({ [name]: 1 })).toMatchObject({ status: 400, body: { errors: [{ field: name }] } });
    expect(({} as Record<string, unknown>)['admin']).toBeUndefined();
  });
});

it('ends a key at the very millisecond at which it expires, and sweeps it then', async () => {
  const databases = await startKeyDatabases('sqlite');
  const clock = new ManualClock();
  const service = await startTestKeyService({ DATABASE_URL: await databases.next() }, { clock });
  try {
    const expires_at = new Date(clock.now() + 3000).toISOString();
    const { body } = await service.call('POST', '/keys', {
      name: 'n',
      service_id: 'ml-platform',
      expires_at,
    });
    const status = async (): Promise<number> =>
      (await service.call('POST', '/keys/validate', { api_key: body['api_key'] }, {})).status;
    const sweep = (): Promise<number> => service.app.get(ExpirySweeper, { strict: false }).sweep();
    clock.advance(2999);
    expect([await status(), await sweep()]).toEqual([200, 0]);
    clock.advance(1);
    expect([await status(), await sweep()]).toEqual([401, 1]);
  } finally {
    await service.close();
    await databases.close();
  }
});

it('a request that arrives too slowly is answered 408 and cut off, and others are served meanwhile', async () => {
  const databases = await startKeyDatabases('sqlite');
  const service = await startTestKeyService(
    { DATABASE_URL: await databases.next() },
    { requestTimeoutMs: 300 },
  );
  try {
    const { hostname, port } = new URL(service.url);
    const socket = connect(Number(port), hostname);
    let answer = '';
    socket.setEncoding('utf8').on('data', (part: string) => (answer += part));
    socket.write('POST /api/v1/keys/validate HTTP/1.1\r\nHost: k\r\nContent-Type: application/json\r\n');
    socket.write('Content-Length: 1000\r\n\r\n{');
    expect((await service.call('GET', '/keys')).status).toBe(200);
    await once(socket, 'close');
    expect(answer).toMatch(/^HTTP\/1\.1 408 /);
  } finally {
    await service.close();
    await databases.close();
  }
});
