import { randomUUID } from 'node:crypto';
import type { KeyResource, RotateKeyResponse } from '../../../src/contracts/keys/key-management.js';
import { UsageRecorder } from '../../../src/key-service/usage/records/usage.recorder.js';
import { ENGINES, startKeyDatabases, type KeyDatabases } from '../../support/servers/key-databases.js';
import { startTestKeyService, type TestKeyService } from '../../support/systems/key-service.js';
import { ManualClock } from '../../support/lib/manual-clock.js';
import { ANA, ask, CONSOLE_ENV, post, signIn } from './console-client.js';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

describe.each(ENGINES)('the page of a key, on %s', (engine) => {
  const clock = new ManualClock(Date.UTC(2026, 2, 14, 10, 30));
  let databases: KeyDatabases;
  let service: TestKeyService;
  let cookie: string;
  beforeAll(async () => {
    databases = await startKeyDatabases(engine);
    const env = {
      DATABASE_URL: await databases.next(),
      USAGE_FLUSH_INTERVAL_MS: '600000',
      // A gateway that does not answer: its limits are not known, and the page still comes.
      GATEWAY_INVALIDATE_URLS: 'http://127.0.0.1:9/internal/keys/invalidate',
    };
    service = await startTestKeyService({ ...env, ...CONSOLE_ENV }, { clock });
  });
  beforeEach(async () => {
    cookie = await signIn(service.url);
  });
  afterAll(async () => {
    await service?.close();
    await databases?.close();
  });

  const api = <T = Record<string, unknown>>(method: string, path: string, body?: unknown) =>
    service.call<T>(method, path, body, { authorization: `Bearer ${ANA}` });
  const newKey = async (fields: object = {}): Promise<string> =>
    (await api<KeyResource>('POST', '/keys', { name: 'n', service_id: 'ml-platform', ...fields })).body
      .key_id;
  const rotate = async (id: string): Promise<string> =>
    (await api<RotateKeyResponse>('POST', `/keys/${id}/rotate`, { overlap_seconds: 86_400 })).body.key_id;
  const keyOf = async (id: string): Promise<KeyResource> =>
    (await api<KeyResource>('GET', `/keys/${id}`)).body;
  /** The page without its markup. */
  async function words(path: string): Promise<string> {
    const { text } = await ask(`${service.url}/console/${path}`, { headers: { cookie } });
    return text
      .replace(/<style>.*?<\/style>/s, '')
      .replace(/<[^>]*>/g, ' ')
      .replace(/\s+/g, ' ');
  }
  const send = (path: string, fields: Record<string, string>) =>
    post(`${service.url}/console/${path}`, fields, { cookie });

  async function use(keyId: string, records: object[]): Promise<void> {
    const whole = records.map((record) => ({
      ...{ id: randomUUID(), key_id: keyId, endpoint: 'GET /a', response_time_ms: 5, status_code: 200 },
      ...{ timestamp: new Date(clock.now()).toISOString(), client_ip: '10.0.1.7' },
      ...record,
    }));
    await api('POST', '/usage', { records: whole });
    await service.app.get(UsageRecorder, { strict: false }).flush();
  }

  it('22: shows requests by answer, endpoints with their times and addresses, of the range that was asked for', async () => {
    const id = await newKey();
    const old = new Date(clock.now() - 3 * DAY_MS).toISOString();
    await use(id, [
      ...Array.from({ length: 19 }, (_one, n) => ({ response_time_ms: n + 1 })),
      { response_time_ms: 900, status_code: 429 },
      { endpoint: 'POST /b', status_code: 503, client_ip: '10.0.1.8' },
      { endpoint: 'POST /b', status_code: 404, timestamp: old, client_ip: '10.0.1.9' },
    ]);
    const day = await words(`keys/${id}`);
    expect(day).toContain('21 requests from ');
    expect(day).toMatch(
      /Answered 19 .* Refused or not found \(4xx\) 0 .* Over a limit \(429\) 1 .* Failed \(5xx\) 1 /,
    );
    expect(day).toContain('95% within GET /a 20 1 19 ms POST /b 1 1 5 ms');
    expect(day).not.toContain('10.0.1.9');
    const week = await words(`keys/${id}?range=7d`);
    expect(week).toContain('22 requests from ');
    expect(week).toMatch(/Refused or not found \(4xx\) 1 /);
    expect(week).toContain('10.0.1.9 3 days ago');
    expect(await words(`keys/${id}?range=what`)).toContain('Use in the last 24 hours');
  });

  it('tells what scopes and grants open, and what it does not know of limits', async () => {
    const grants = {
      experiments: [{ id: '12', level: 'write' }],
      endpoints: [{ name: 'gpt-*', level: 'invoke' }],
    };
    const id = await newKey({ scopes: ['experiment:read', 'gateway:invoke'], grants, burst: 7 });
    const text = await words(`keys/${id}`);
    for (const sentence of [
      'experiment:read Sees experiments and their runs.',
      'Sees and changes the experiment with the id 12.',
      'Calls the endpoints named “gpt-*”.',
      'Requests at once 7',
      'Key created just now by ana',
      'Left now at 127.0.0.1:9: not known, it does not answer',
    ])
      expect(text).toContain(sentence);
  });

  it('25: an old key is shown as used until it is quiet, on its own page and on that of its successor', async () => {
    const old = await newKey();
    const successor = await rotate(old);
    expect(await words(`keys/${successor}`)).toContain('Nobody has used it; it ends in 24 h');
    await use(old, [{}]);
    clock.advance(3 * 60_000);
    for (const id of [old, successor])
      expect(await words(`keys/${id}`)).toContain('Still used by 10.0.1.7, 3 min ago');
    clock.advance(HOUR_MS);
    expect(await words(`keys/${successor}`)).toContain('Quiet, last used by 10.0.1.7, 1 h ago');
    const now = await send(`keys/${old}/overlap`, { days: '0', back: successor });
    expect(now.headers.location).toBe(`/console/keys/${successor}`);
    expect(await keyOf(old)).toMatchObject({ is_active: false, revoked_by: 'admin:ana' });
    expect(await words(`keys/${successor}`)).not.toContain('Still used');
  });

  it('25: an old key that is in use ends by one click more, on a page that names where it was last used', async () => {
    const old = await newKey();
    const successor = await rotate(old);
    const fields = { days: '0', back: successor };
    const asked = `keys/${old}/overlap?back=${successor}`;
    await use(old, [{ client_ip: '10.0.1.7' }]);
    clock.advance(60_000);
    await use(old, [{ client_ip: '10.0.1.8' }]);
    clock.advance(3 * 60_000);
    expect((await send(`keys/${old}/overlap`, fields)).headers.location).toBe(`/console/${asked}`);
    expect((await keyOf(old)).is_active).toBe(true);
    expect(await words(asked)).toMatch(
      /was last used 3 min ago by 10\.0\.1\.8, and within a day by 2 addresses: 10\.0\.1\.8, 10\.0\.1\.7\. /,
    );
    const ended = await send(`keys/${old}/overlap`, { ...fields, confirmed: 'yes' });
    expect(ended.headers.location).toBe(`/console/keys/${successor}`);
    expect(await keyOf(old)).toMatchObject({ is_active: false, revoked_by: 'admin:ana' });
    expect((await keyOf(successor)).is_active).toBe(true);
    // Sent again, and a key that nothing took the place of.
    for (const id of [old, successor])
      expect([
        (await send(`keys/${id}/overlap`, { ...fields, confirmed: 'yes' })).status,
        (await ask(`${service.url}/console/keys/${id}/overlap`, { headers: { cookie } })).status,
      ]).toEqual([409, 409]);
  });

  it('25: one click gives an old key more time, never more than a rotation may', async () => {
    const old = await newKey({ expires_in_days: 20 });
    await rotate(old);
    const at = async (): Promise<number> =>
      (Date.parse((await keyOf(old)).expires_at ?? '') - clock.now()) / DAY_MS;
    expect(await at()).toBe(1);
    expect((await send(`keys/${old}/overlap`, { days: '7' })).headers.location).toBe(`/console/keys/${old}`);
    expect(await at()).toBe(8);
    for (let n = 0; n < 4; n++) await send(`keys/${old}/overlap`, { days: '7' });
    expect(await at()).toBeCloseTo(20, 2);
    for (const days of ['', '-1', '100', 'x'])
      expect([days, (await send(`keys/${old}/overlap`, { days })).status]).toEqual([days, 400]);
    expect((await send(`keys/${await newKey()}/overlap`, { days: '1' })).status).toBe(409);
  });

  it('24: a key that was used within 7 days is revoked by its prefix alone, after a page that says when and from where', async () => {
    const id = await newKey();
    await use(id, [{}, { client_ip: '10.0.1.8', timestamp: new Date(clock.now() - DAY_MS).toISOString() }]);
    clock.advance(3 * 60_000);
    const page = await words(`revoke?id=${id}`);
    expect(page).toContain(
      'It was last used 3 min ago, and within 7 days from 2 addresses: 10.0.1.7, 10.0.1.8.',
    );
    const { key_prefix } = await keyOf(id);
    expect(page).toContain(`Type ${key_prefix} to confirm`);
    for (const confirm of ['', key_prefix.slice(0, -1), key_prefix.toUpperCase()]) {
      const refused = await send('revoke', { id, confirm, reason: 'kept in the form' });
      expect([confirm, refused.status, refused.text.includes('value="kept in the form"')]).toEqual([
        confirm,
        400,
        true,
      ]);
    }
    expect((await keyOf(id)).is_active).toBe(true);
    expect((await send('revoke', { id, confirm: key_prefix })).status).toBe(303);
    expect((await keyOf(id)).is_active).toBe(false);
  });

  it('24: a key that nobody used for 7 days is revoked without it', async () => {
    const id = await newKey();
    await use(id, [{}]);
    clock.advance(7 * DAY_MS);
    cookie = await signIn(service.url);
    expect(await words(`revoke?id=${id}`)).not.toContain('to confirm');
    expect((await send('revoke', { id })).status).toBe(303);
  });

  it('23: a rotation that is sent twice makes one key', async () => {
    const id = await newKey();
    const [first, second] = [
      await send(`keys/${id}/rotate`, { overlap_seconds: '3600' }),
      await send(`keys/${id}/rotate`, { overlap_seconds: '3600' }),
    ];
    expect([first.status, /class="secret"[^>]*>hk_live_/.test(first.text)]).toEqual([200, true]);
    expect([second.status, second.text.includes('class="secret"')]).toEqual([409, false]);
  });

  it.each(['keys/00000000-0000-4000-8000-000000000000', 'keys/none', 'keys/none/edit', 'nothing'])(
    'what is not there is said in words: %s',
    async (path) => {
      const { status, text } = await ask(`${service.url}/console/${path}`, { headers: { cookie } });
      expect([status, text.includes('<h1>')]).toEqual([404, true]);
    },
  );
});
