import { randomUUID } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import type { KeyResource, ListKeysResponse } from '../../../src/contracts/keys/key-management.js';
import { UsageRecorder } from '../../../src/key-service/usage/records/usage.recorder.js';
import { ENGINES, startKeyDatabases, type KeyDatabases } from '../../support/servers/key-databases.js';
import { startTestKeyService, type TestKeyService } from '../../support/systems/key-service.js';
import { ManualClock } from '../../support/lib/manual-clock.js';
import { ANA, ask, CONSOLE_ENV, post, signIn } from './console-client.js';

const NOW = Date.UTC(2026, 2, 14, 10, 30);
const HOUR_MS = 3_600_000;
const HOSTILE = [
  '<script>alert(1)</script>',
  '"><img src=x onerror=alert(1)>',
  '=HYPERLINK("//evil")',
  'ש'.repeat(200),
];

describe.each(ENGINES)('the list of keys, on %s', (engine) => {
  const clock = new ManualClock(NOW);
  let databases: KeyDatabases;
  let service: TestKeyService;
  let cookie: string;
  const ids: string[] = [];

  beforeAll(async () => {
    databases = await startKeyDatabases(engine);
    service = await startTestKeyService(
      { DATABASE_URL: await databases.next(), USAGE_FLUSH_INTERVAL_MS: '600000', ...CONSOLE_ENV },
      { clock },
    );
    await api('POST', '/services', { service_id: 'batch' });
    for (let n = 0; n < 60; n++) {
      const { body } = await api<KeyResource>('POST', '/keys', {
        name: HOSTILE[n] ?? `key ${n}`,
        service_id: n % 3 === 0 ? 'batch' : 'ml-platform',
        environment: n % 2 === 0 ? 'production' : 'staging',
        ...(n % 4 !== 0 && { user_id: ['ana', 'bo & co'][n % 2] }),
        ...(n % 5 === 0 && { expires_in_days: 5 + n }),
      });
      ids.push(body.key_id);
      clock.advance(1000);
    }
    await api('POST', '/keys/revoke', { key_ids: ids.slice(40, 42) });
    await use(ids[5] as string, [0, 0, 1, 35, 36, 80]);
    cookie = await signIn(service.url);
  });
  afterAll(async () => {
    await service?.close();
    await databases?.close();
  });

  const api = <T = Record<string, unknown>>(method: string, path: string, body?: unknown) =>
    service.call<T>(method, path, body, { authorization: `Bearer ${ANA}` });
  const open = async (path: string): Promise<string> =>
    (await ask(`${service.url}/console/${path}`, { headers: { cookie } })).text;
  const idsIn = (html: string): string[] =>
    [...html.matchAll(/<td class="key"><a href="\/console\/keys\/([0-9a-f-]{36})">/g)].map(
      ([, id]) => id as string,
    );

  /** One request each, so many hours ago. */
  async function use(keyId: string, hoursAgo: number[]): Promise<void> {
    const records = hoursAgo.map((hours) => ({
      ...{ id: randomUUID(), key_id: keyId, endpoint: 'GET /a', response_time_ms: 5, status_code: 200 },
      ...{ timestamp: new Date(NOW - hours * HOUR_MS).toISOString(), client_ip: '192.0.2.7' },
    }));
    await api('POST', '/usage', { records });
    await service.app.get(UsageRecorder, { strict: false }).flush();
  }

  it.each([
    ['', ''],
    ['q=key+1', 'q=key+1'],
    ['service_id=batch&environment=staging', 'service_id=batch&environment=staging'],
    ['user_id=bo+%26+co&sort=name', 'user_id=bo+%26+co&sort=name'],
    ['status=revoked', 'status=revoked'],
    ['status=revoked&status=rotated&q=', 'status=revoked&status=rotated'],
    ['expires_within=14d&sort=expires_at&order=desc', 'expires_within=14d&sort=expires_at&order=desc'],
    ['unused_for=7d&status=', `unused_since=${new Date(NOW - 7 * 24 * HOUR_MS).toISOString()}`],
  ])('shows what the API says, in its order: ?%s', async (query, sameQuery) => {
    const { body } = await api<ListKeysResponse>('GET', `/keys?${sameQuery}`);
    const html = await open(`keys?${query}`);
    expect(idsIn(html)).toEqual(body.keys.map(({ key_id }) => key_id));
    expect(html).toContain(`<caption>${body.total} keys · `);
  });

  it('has every key on one of its pages, and keeps the filters from page to page', async () => {
    const seen: string[] = [];
    for (let path: string | undefined = 'keys?sort=user_id'; path !== undefined;) {
      const html = await open(path);
      seen.push(...idsIn(html));
      const next = /<a href="\/console\/(keys\?[^"]*cursor=[^"]*)">Next page/.exec(html)?.[1];
      path = next?.replaceAll('&amp;', '&');
      if (path !== undefined) expect(path).toContain('sort=user_id');
    }
    expect([...seen].sort()).toEqual([...ids].sort());
  });

  it('22: bars are the requests of the last 36 hours, the present one included', async () => {
    const html = await open('keys?q=key+5&sort=name');
    // Of the six records those of 36 and 80 hours ago are too old.
    expect([...html.matchAll(/aria-label="(\d+ requests in \d+ hours)"/g)].map(([, words]) => words)).toEqual(
      ['4 requests in 36 hours'],
    );
  });

  it('26: hostile names stay text, on every page that shows them', async () => {
    for (const [n, name] of HOSTILE.entries())
      for (const path of [
        'keys?limit=200',
        `keys/${ids[n]}`,
        `keys/${ids[n]}/edit`,
        `keys/${ids[n]}/rotate`,
        `revoke?id=${ids[n]}`,
      ]) {
        const html = await open(path);
        expect([path, html.includes(name) && /[<"]/.test(name)]).toEqual([path, false]);
        expect([path, html.includes(name.replaceAll('<', '&lt;').replaceAll('"', '&quot;'))]).toEqual([
          path,
          true,
        ]);
      }
  });

  it('as CSV it has all keys of all pages, and nothing that a spreadsheet runs', async () => {
    const { headers, text } = await ask(`${service.url}/console/keys.csv?status=active&sort=name`, {
      headers: { cookie },
    });
    expect([headers['content-type'], headers['cache-control']]).toEqual([
      'text/csv; charset=utf-8',
      'no-store',
    ]);
    const [head, ...lines] = text.trimEnd().split('\r\n');
    expect(head).toMatch(/^key_id,name,key_prefix,/);
    expect(lines.map((line) => line.slice(0, 36)).sort()).toEqual(
      ids.filter((_id, n) => n !== 40 && n !== 41).sort(),
    );
    expect(text).toContain(`"'=HYPERLINK(""//evil"")"`);
    expect((await ask(`${service.url}/console/keys.csv`)).status).toBe(303);
  });

  it.each([
    'keys?sort=nothing',
    'keys?unused_for=soon',
    'keys?cursor=x',
    'keys.csv?status=none',
    'keys?what=that',
  ])('a wrong address is refused in words: %s', async (path) => {
    const { status, text } = await ask(`${service.url}/console/${path}`, { headers: { cookie } });
    expect([status, text.includes('role="alert"')]).toEqual([400, true]);
  });

  it('30: a page of 50 keys with bars has at most 60 KB as it is sent compressed', async () => {
    for (const id of ids)
      await use(
        id,
        Array.from({ length: 36 }, (_one, hour) => hour),
      );
    const html = await open('keys?limit=50');
    expect(html.match(/class="bars"/g)).toHaveLength(50);
    expect(gzipSync(html).length).toBeLessThan(60_000);
  });

  it('29: several are revoked in one call after a page that shows them, with an entry each', async () => {
    const chosen = ids.slice(50, 53);
    const query = chosen.map((id) => `id=${id}`).join('&');
    expect(await open(`revoke?${query}`)).toContain('key 51');
    const fields = chosen.map((id): [string, string] => ['id', id]);
    const send = (more: [string, string][]) =>
      post(`${service.url}/console/revoke`, [...fields, ...more], { cookie });
    expect((await send([['reason', 'left']])).status).toBe(400);
    expect(
      (
        await send([
          ['reason', 'left'],
          ['confirm', 'revoke 3 keys'],
        ])
      ).status,
    ).toBe(303);
    for (const id of chosen)
      expect((await api('GET', `/keys/${id}`)).body).toMatchObject({
        ...{ is_active: false, revoke_reason: 'left', revoked_by: 'admin:ana' },
      });
  });
});
