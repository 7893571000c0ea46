import { gzipSync } from 'node:zlib';
import type { Browser } from 'playwright-core';
import { request } from 'undici';
import { hasChromium, startChromium } from '../../test/support/browser/chromium-program.ts';
import { hasPostgres } from '../../test/support/servers/postgres-programs.ts';
import { startPostgresServer } from '../../test/support/servers/postgres-server.ts';
import { workFolder } from '../lib/children.ts';
import { cpuMs } from '../lib/process-stats.ts';
import { figure } from '../lib/readme.ts';
import { median, quantile } from '../lib/stats.ts';
import { ADMIN_TOKEN, startKeyService, type KeyService } from '../parts/key-service.ts';
import { fillPostgres, fillSqlite, type ManyKeys } from '../parts/many-keys.ts';
import { usePostgres, useSqlite } from '../parts/many-uses.ts';
import { progress } from './rounds.ts';
import type { BenchOptions, Figure, Section } from './section.ts';

const KEYS = 10_000;
const USES = 1_000_000;
const VISITS_A_ROUND = 8;
/** By Chromium, which takes longer. */
const BROWSED_A_ROUND = 4;
const SESSIONS = { CONSOLE_SESSION_SECRETS: 'secret-of-the-console-of-the-bench-1' };

/** Screens by what they show; `$key` is the id of a key. */
const SCREENS: Readonly<Record<string, string>> = {
  overview: '',
  keys: '/keys',
  'keys: search': '/keys?q=key+1',
  'keys: last used first': '/keys?sort=last_used_at',
  key: '/keys/$key',
  'usage: 24 h by answer': '/usage',
  'usage: 7 days by key and hour': '/usage?group_by=key&days=7&period=hour',
  'usage: 7 days by owner and hour': '/usage?group_by=user&days=7&period=hour',
  'usage: 7 days by endpoint and hour': '/usage?group_by=endpoint&days=7&period=hour',
  'usage: 30 days by service': '/usage?group_by=service&days=30',
  'usage: 30 days by key': '/usage?group_by=key&days=30',
  refusals: '/refusals',
  'audit log': '/audit',
  system: '/system',
};

interface Seen {
  readonly engine: string;
  /** Times of each screen, ms. */
  readonly times: ReadonlyMap<string, number[]>;
  /** Processor time of the key service and the database, ms a visit of each screen. */
  readonly cpu: ReadonlyMap<string, number>;
  /** The same in Chromium, until the page has loaded with its script and charts; empty where there is none. */
  readonly browsed: ReadonlyMap<string, number[]>;
  /** Of the list of keys, compressed. */
  readonly listKb: number;
}

interface Filled {
  readonly engine: string;
  readonly url: string;
  readonly fill: ManyKeys;
  readonly use: ManyKeys;
  /** Of the database, where it is a process of its own. */
  readonly pid?: number;
}

interface Answer {
  readonly text: string;
  readonly ms: number;
}

async function visit(url: string, cookie: string): Promise<Answer> {
  const began = performance.now();
  const { statusCode, body } = await request(url, { headers: { cookie } });
  const text = await body.text();
  if (statusCode !== 200) throw new Error(`${url} answered ${statusCode}`);
  return { text, ms: performance.now() - began };
}

async function signIn({ url }: KeyService): Promise<string> {
  const { statusCode, headers } = await request(`${url}/console/sign-in`, {
    method: 'POST',
    headers: { origin: url, 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({ token: ADMIN_TOKEN }).toString(),
  });
  const cookie = [headers['set-cookie']].flat()[0]?.split(';')[0];
  if (statusCode !== 303 || cookie === undefined) throw new Error(`the sign-in answered ${statusCode}`);
  return cookie;
}

/** Visits in one tab of a real browser that keeps files of script and style, as an administrator's does. */
async function browse(
  urls: readonly (readonly [name: string, url: string])[],
  origin: string,
  cookie: string,
  rounds: number,
): Promise<Map<string, number[]>> {
  const times = new Map<string, number[]>();
  if (!hasChromium()) return times;
  const browser: Browser = await startChromium();
  try {
    const context = await browser.newContext();
    const at = cookie.indexOf('=');
    await context.addCookies([{ name: cookie.slice(0, at), value: cookie.slice(at + 1), url: origin }]);
    const page = await context.newPage();
    for (let round = 0; round <= rounds; round += 1)
      for (const [screen, url] of urls) {
        const own = times.get(screen) ?? [];
        times.set(screen, own);
        for (let n = 0; n < (round === 0 ? 1 : BROWSED_A_ROUND); n += 1) {
          const began = performance.now();
          const response = await page.goto(url);
          if (response?.status() !== 200) throw new Error(`${url} answered ${response?.status()}`);
          if (round > 0) own.push(performance.now() - began);
        }
      }
    return times;
  } finally {
    await browser.close();
  }
}

async function see({ engine, url, fill, use, pid }: Filled, options: BenchOptions): Promise<Seen> {
  const first = await startKeyService(url, SESSIONS);
  const { key_id: key } = await first.create({ name: 'template', expires_in_days: 300 });
  await first.stop();
  progress(`${engine}: ${figure(KEYS)} keys and ${figure(USES)} uses`);
  await fill(url, KEYS - 1);
  await use(url, USES);
  const service = await startKeyService(url, SESSIONS);
  const spent = (): number => cpuMs(service.child.pid) + (pid === undefined ? 0 : cpuMs(pid));
  const times = new Map<string, number[]>();
  const cpu = new Map<string, number>();
  try {
    const cookie = await signIn(service);
    const list = await visit(`${service.url}/console/keys`, cookie);
    // The first visit warms up what is measured.
    for (let round = 0; round <= options.rounds; round += 1)
      for (const [name, path] of Object.entries(SCREENS)) {
        const own = times.get(name) ?? [];
        times.set(name, own);
        const before = spent();
        for (let n = 0; n < (round === 0 ? 1 : VISITS_A_ROUND); n += 1) {
          const { ms } = await visit(`${service.url}/console${path.replace('$key', key)}`, cookie);
          if (round > 0) own.push(ms);
        }
        const share = (spent() - before) / (VISITS_A_ROUND * options.rounds);
        if (round > 0) cpu.set(name, (cpu.get(name) ?? 0) + share);
      }
    const urls = Object.entries(SCREENS).map(
      ([name, path]) => [name, `${service.url}/console${path.replace('$key', key)}`] as const,
    );
    const browsed = await browse(urls, service.url, cookie, options.rounds);
    return { engine, times, cpu, browsed, listKb: gzipSync(list.text).length / 1024 };
  } finally {
    await service.stop();
  }
}

function slowestOf(what: string, times: ReadonlyMap<string, number[]>): Figure {
  const [slowest, ms] = [...times]
    .map(([name, own]) => [name, quantile(own, 0.95)] as const)
    .reduce((a, b) => (b[1] > a[1] ? b : a));
  return { what: `${what}, p95 (${slowest})`, value: ms, shown: `${figure(ms)} ms`, goal: { below: 300 } };
}

export const consoleScreens: Section = {
  name: 'console',
  title: 'Screens of the console, 10,000 keys and a million requests',
  async run(options) {
    const sqlite = `sqlite:///${workFolder('sqlite')}/keys.sqlite`;
    const results = [await see({ engine: 'SQLite', url: sqlite, fill: fillSqlite, use: useSqlite }, options)];
    if (hasPostgres()) {
      const postgres = await startPostgresServer();
      try {
        const [url, { pid }] = [await postgres.newDatabase(), postgres];
        results.push(
          await see({ engine: 'PostgreSQL', url, fill: fillPostgres, use: usePostgres, pid }, options),
        );
      } finally {
        await postgres.close();
      }
    }
    const figures = results.flatMap(({ engine, times, browsed, listKb }): Figure[] => {
      return [
        slowestOf(`slowest screen on ${engine}`, times),
        ...(browsed.size > 0 ? [slowestOf(`slowest screen on ${engine} in Chromium`, browsed)] : []),
        {
          what: `list of keys on ${engine}, compressed`,
          value: listKb,
          shown: `${figure(listKb)} KB`,
          goal: { atMost: 60 },
        },
      ];
    });
    return {
      figures,
      details: [
        [
          'screen',
          ...results.flatMap(({ engine }) => [
            `${engine}: p50 ms`,
            'p95 ms',
            'processor ms',
            'in Chromium p95 ms',
          ]),
        ],
        ...Object.keys(SCREENS).map((name) => [
          name,
          ...results.flatMap(({ times, cpu, browsed }) => {
            const own = times.get(name) ?? [];
            const seen = browsed.get(name);
            return [
              figure(median(own)),
              figure(quantile(own, 0.95)),
              figure(cpu.get(name) ?? 0),
              seen ? figure(quantile(seen, 0.95)) : '–',
            ];
          }),
        ]),
      ],
      notes: [
        'one visit after the other, the whole page read; uses over 30 days, of keys of 50 owners at 40 endpoints',
        'in Chromium: from the address to the page with its charts, script and style from its cache',
        'processor: time of the key service and of PostgreSQL with its helpers, a visit; other work beside them makes visits slower, and leaves it as it is',
      ],
    };
  },
};
