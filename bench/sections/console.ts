import { gzipSync } from 'node:zlib';
import { request } from 'undici';
import { hasPostgres } from '../../test/support/postgres-programs.ts';
import { startPostgresServer } from '../../test/support/postgres-server.ts';
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
    return { engine, times, cpu, listKb: gzipSync(list.text).length / 1024 };
  } finally {
    await service.stop();
  }
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
    const figures = results.flatMap(({ engine, times, listKb }): Figure[] => {
      const [slowest, ms] = [...times]
        .map(([name, own]) => [name, quantile(own, 0.95)] as const)
        .reduce((a, b) => (b[1] > a[1] ? b : a));
      return [
        {
          what: `slowest screen on ${engine}, p95 (${slowest})`,
          value: ms,
          shown: `${figure(ms)} ms`,
          goal: { below: 300 },
        },
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
        ['screen', ...results.flatMap(({ engine }) => [`${engine}: p50 ms`, 'p95 ms', 'processor ms'])],
        ...Object.keys(SCREENS).map((name) => [
          name,
          ...results.flatMap(({ times, cpu }) => {
            const own = times.get(name) ?? [];
            return [figure(median(own)), figure(quantile(own, 0.95)), figure(cpu.get(name) ?? 0)];
          }),
        ]),
      ],
      notes: [
        'one visit after the other, the whole page read; uses over 30 days, of keys of 50 owners at 40 endpoints',
        'processor: time of the key service and of PostgreSQL with its helpers, a visit; other work beside them makes visits slower, and leaves it as it is',
      ],
    };
  },
};
