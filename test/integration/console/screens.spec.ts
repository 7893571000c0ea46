import { sql } from 'kysely';
import { gzipSync } from 'node:zlib';
import type { ConsoleChart } from '../../../src/contracts/admin/console-chart.js';
import { Database } from '../../../src/key-service/storage/database.js';
import { statusOf } from '../../../src/key-service/usage/sums/usage-sums.js';
import { ANA, fillConsole, type FilledConsole } from '../../support/browser/filled-console.js';
import { ENGINES, startKeyDatabases, type KeyDatabases } from '../../support/servers/key-databases.js';
import { ask, signIn, type ConsoleReply } from './console-client.js';

const DAY_MS = 86_400_000;

const ENTITIES: Record<string, string> = {
  '&quot;': '"',
  '&lt;': '<',
  '&gt;': '>',
  '&#39;': "'",
  '&amp;': '&',
};
const plain = (text: string): string =>
  text.replace(/&(?:quot|lt|gt|#39|amp);/g, (name) => ENTITIES[name] ?? name);

/** The chart that the script would draw. */
function chartOf({ text }: ConsoleReply): ConsoleChart {
  const [, json = ''] = /data-chart="([^"]*)"/.exec(text) ?? [];
  return JSON.parse(plain(json)) as ConsoleChart;
}

/** The cells of each row of a table, as text. */
function rowsOf(text: string, table: string): string[][] {
  const [, body = ''] = new RegExp(`<table class="${table}">.*?<tbody>(.*?)</tbody>`, 's').exec(text) ?? [];
  return [...body.matchAll(/<tr>(.*?)<\/tr>/gs)].map(([, row = '']) =>
    [...row.matchAll(/<t[hd][^>]*>(.*?)<\/t[hd]>/gs)].map(([, cell = '']) =>
      plain(cell.replace(/<[^>]*>/g, '')).trim(),
    ),
  );
}

const number = (text: string | undefined): number => Number((text ?? '').replaceAll(',', ''));
const sum = (values: readonly number[]): number => values.reduce((all, one) => all + one, 0);

describe.each(ENGINES)('screens of the console on %s', (engine) => {
  let databases: KeyDatabases;
  let filled: FilledConsole;
  let cookie: string;

  beforeAll(async () => {
    databases = await startKeyDatabases(engine);
    filled = await fillConsole(await databases.next());
    cookie = await signIn(filled.service.url, ANA);
  });
  afterAll(async () => {
    await filled?.service.close();
    await databases?.close();
  });

  const see = async (path: string, headers: object = {}): Promise<ConsoleReply> =>
    ask(`${filled.service.url}/console${path}`, { headers: { cookie, ...headers } });

  const GROUP_OF: Record<string, (record: FilledConsole['records'][number]) => string> = {
    key: ({ key_id }) => filled.keys.find(({ id }) => id === key_id)?.name ?? '',
    endpoint: ({ endpoint }) => endpoint,
    user: ({ owner }) => owner ?? 'no owner',
    status: ({ status_code }) =>
      ({
        answered: 'Answered',
        client_error: 'Refused or not found (4xx)',
        limited: 'Over a limit (429)',
        server_error: 'Failed (5xx)',
      })[statusOf(status_code)],
  };

  it.each([
    ['status', 'day', 30, ''],
    ['key', 'day', 30, ''],
    ['key', 'hour', 7, ''],
    ['user', 'hour', 7, '&status=limited'],
    ['endpoint', 'day', 30, '&user_id=ana'],
  ])(
    '22: by %s and %s, bars, tables and file are the sums of the records',
    async (by, period, days, more) => {
      const reply = await see(`/usage?group_by=${by}&period=${period}&days=${days}${more}`);
      expect(reply.status).toBe(200);
      const { fromMs, periodMs, series } = chartOf(reply);
      expect(periodMs).toBe(period === 'hour' ? DAY_MS / 24 : DAY_MS);
      const filter = new URLSearchParams(more);
      const inside = filled.records.filter(
        (record) =>
          Date.parse(record.timestamp) >= fromMs &&
          (filter.get('status') ?? statusOf(record.status_code)) === statusOf(record.status_code) &&
          (filter.get('user_id') ?? record.owner) === record.owner,
      );
      expect(inside.length).toBeGreaterThan(30);
      const named = series.filter(({ colour }) => colour !== 'rest');
      for (const { name, points } of named)
        expect([name, points]).toEqual([
          name,
          points.map(
            (_, index) =>
              inside.filter(
                (record) =>
                  GROUP_OF[by]?.(record) === name &&
                  Math.floor((Date.parse(record.timestamp) - fromMs) / periodMs) === index,
              ).length,
          ),
        ]);
      expect(sum(series.map(({ points }) => sum(points)))).toBe(inside.length);
      const sums = rowsOf(reply.text, 'sums');
      expect(sums.map(([, requests]) => number(requests))).toEqual(series.map(({ points }) => sum(points)));
      expect(sum(rowsOf(reply.text, 'numbers').map((cells) => number(cells.at(-1))))).toBe(inside.length);
      const file = await see(`/usage.csv?group_by=${by}&period=${period}&days=${days}${more}`);
      expect(file.headers['content-type']).toBe('text/csv; charset=utf-8');
      const lines = file.text.trimEnd().split('\r\n').slice(1);
      expect(sum(lines.map((line) => Number(line.split(',').at(-1))))).toBe(inside.length);
    },
  );

  it('a file has no cell that a spreadsheet runs as a formula', async () => {
    const { text } = await see('/usage.csv?group_by=key&days=30');
    expect(text).toContain(`"'=HYPERLINK(""http://192.0.2.1"")"`);
    expect(text).not.toMatch(/(?:^|,)"?[=+@-]/m);
  });

  it('hours of more than 31 days are shown by the day, and days without order are refused in words', async () => {
    const long = await see('/usage?period=hour&days=90');
    expect([long.status, chartOf(long).periodMs]).toEqual([200, DAY_MS]);
    expect(long.text).toContain('hours are shown for 31 days at most');
    const turned = await see('/usage?from=2026-03-14&to=2026-03-01');
    expect(turned.status).toBe(400);
    expect(turned.text).toContain('must be earlier than to');
    const day = chartOf(await see('/usage?from=2026-03-14&to=2026-03-14'));
    expect([day.fromMs, day.series[0]?.points.length]).toEqual([Date.parse('2026-03-14T00:00:00Z'), 24]);
  });

  it('the audit log leads from each entry to its key, page by page, and leaves as JSON lines', async () => {
    const { service } = filled;
    const { body } = await service.call<{ entries: { seq: number; key_id: string; request_id: string }[] }>(
      'GET',
      '/audit?limit=200&action=key.created',
      undefined,
      { authorization: `Bearer ${ANA}` },
    );
    const { text } = await see('/audit?action=key.created&limit=5');
    const shown = [...text.matchAll(/<td class="number">(\d+)<\/td>/g)].map(([, seq]) => Number(seq));
    expect(shown).toEqual(body.entries.slice(0, 5).map(({ seq }) => seq));
    for (const { key_id, request_id } of body.entries.slice(0, 5)) {
      expect(text).toContain(`href="/console/keys/${key_id}"`);
      expect(text).toContain(request_id);
    }
    const [, older = ''] = /href="\/console\/audit\?([^"]*cursor=[^"]*)"/.exec(text) ?? [];
    const next = await see(`/audit?${plain(older)}`);
    expect(next.text).toContain(`<td class="number">${body.entries[5]?.seq}</td>`);
    const file = await see('/audit/export?action=key.created');
    expect(file.headers).toMatchObject({
      'content-type': 'application/x-ndjson; charset=utf-8',
      'content-disposition': 'attachment; filename="audit.ndjson"',
    });
    expect(
      file.text
        .trimEnd()
        .split('\n')
        .map((line) => (JSON.parse(line) as { seq: number }).seq),
    ).toEqual(body.entries.map(({ seq }) => seq).toReversed());
    expect((await see('/audit/export', { cookie: '' })).status).toBe(303);
  });

  it('a change in the audit log is told on the overview and its own page', async () => {
    expect((await see('/audit')).text).toMatch(/All \d+ entries are there, in order and unchanged/);
    const { db } = filled.service.app.get(Database);
    const trigger = engine === 'sqlite' ? 'audit_log_no_update' : 'audit_log_no_change on audit_log';
    await sql.raw(`drop trigger ${trigger}`).execute(db);
    const change = (actor: string) =>
      db.updateTable('audit_log').set({ actor }).where('seq', '=', 3).execute();
    await change('admin:eve');
    const { text } = await see('/audit?check=1');
    expect(text).toContain('Entry 3 is missing or was changed');
    expect((await see('')).text).toContain('Entry 3 is missing or was changed');
    await change('admin:ana');
    expect((await see('/audit?check=1')).text).toContain('in order and unchanged');
  });

  it('refusals are shown by reason, address and key, and apart from them what an unregistered service was asked for', async () => {
    const { text } = await see('/refusals?days=7');
    const { body } = await filled.service.call<{
      total: number;
      reasons: { reason: string; count: number }[];
    }>('GET', `/refusals/summary?from=${new Date(Date.now() - 7 * DAY_MS).toISOString()}`, undefined, {
      authorization: `Bearer ${ANA}`,
    });
    expect(rowsOf(text, 'sums').map(([, requests]) => number(requests))).toEqual(
      body.reasons.map(({ count }) => count),
    );
    expect(sum(chartOf({ text } as ConsoleReply).series.map(({ points }) => sum(points)))).toBe(body.total);
    const apart = text.slice(text.indexOf('Services that nobody registered'));
    expect(apart).toMatch(/mlplatform<\/td><td class="number">2</);
    expect(apart).toMatch(/not an id of a service<\/td><td class="number">1</);
    expect(text).not.toContain('Not a service');
  });

  it('says of a gateway that is down that it does not answer, and what waits for it', async () => {
    const { text } = await see(`/refusals?key_id=${filled.keys[0]?.id}`);
    expect(text).toContain('127.0.0.1:9: it does not answer');
    const system = (await see('/system')).text;
    expect(system).toMatch(/127\.0\.0\.1:9<\/th><td><span class="bad">Behind/);
    for (const name of ['ana', 'bo']) expect(system).toContain(`<bdi>${name}</bdi>`);
    expect(system).not.toContain(ANA);
    expect(system).toMatch(engine === 'sqlite' ? /SQLite \d/ : /PostgreSQL \d/);
  });

  it('the overview names what needs attention, and its tiles are the numbers of the API', async () => {
    const { text } = await see('');
    expect(text).toMatch(/dashboards<\/bdi><\/a> was rotated and is still used by 10\.0\.1\.\d, last/);
    expect(text).toMatch(/ci<\/bdi><\/a> ends in \d days \(owner <bdi>bo<\/bdi>\)/);
    expect(text).toMatch(/was over a limit \d+ times in 24 hours/);
    expect(text).toMatch(/refusals<\/a> of keys in 24 hours, \d+ in the 24 hours before/);
    const { body } = await filled.service.call<{ by_status: { active: number } }>(
      'GET',
      '/keys/facets',
      undefined,
      {
        authorization: `Bearer ${ANA}`,
      },
    );
    expect(text).toContain(`<strong>${body.by_status.active}</strong> active keys`);
  });

  it('30: script and style keep their budgets, are kept by browsers for ever, and load nothing else', async () => {
    const page = await see('');
    const [, script = ''] = /<script type="module" src="\/console([^"]+)"/.exec(page.text) ?? [];
    const [, style = ''] = /<link rel="stylesheet" href="\/console([^"]+)"/.exec(page.text) ?? [];
    const [, inline = ''] = /<style>(.*?)<\/style>/s.exec(page.text) ?? [];
    for (const [path, limitKb] of [
      [script, 40],
      [style, 8],
    ] as const) {
      const file = await see(path, { cookie: '' });
      expect(file.headers).toMatchObject({ 'cache-control': 'public, max-age=31536000, immutable' });
      expect(gzipSync(file.text).length).toBeLessThan(limitKb * 1024);
      expect(file.text).not.toMatch(/url\(|@import|https?:\/\/(?!192\.0\.2)/);
    }
    expect(gzipSync(inline + (await see(style)).text).length).toBeLessThan(8 * 1024);
    expect((await see(script, { 'accept-encoding': 'gzip' })).headers['content-encoding']).toBe('gzip');
    expect((await see('/assets/manifest.json')).status).toBe(404);
    expect(page.headers['content-security-policy']).toMatch(
      /^default-src 'none'; img-src data:; style-src 'self' 'sha256-[^']+'; script-src 'self'; require-trusted-types-for 'script'; trusted-types 'none'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'$/,
    );
  });

  it.each(['', '/usage', '/usage.csv', '/refusals', '/audit', '/audit/export', '/system'])(
    'needs a session: /console%s',
    async (path) => {
      const { status, headers } = await see(path, { cookie: '' });
      expect([status, headers.location]).toEqual([
        303,
        `/console/sign-in?${new URLSearchParams({ next: `/console${path}` }).toString()}`,
      ]);
    },
  );
});
