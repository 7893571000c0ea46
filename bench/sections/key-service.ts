import bcrypt from 'bcrypt';
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { hasPostgres } from '../../test/support/servers/postgres-programs.ts';
import { startPostgresServer } from '../../test/support/servers/postgres-server.ts';
import { workFolder } from '../lib/children.ts';
import { residentMb } from '../lib/process-stats.ts';
import { hasProgram } from '../lib/programs.ts';
import { figure, type Row } from '../lib/readme.ts';
import { median } from '../lib/stats.ts';
import { wrk, type WrkResult } from '../lib/wrk.ts';
import { startKeyService } from '../parts/key-service.ts';
import { fillPostgres, fillSqlite, type ManyKeys } from '../parts/many-keys.ts';
import { progress } from './rounds.ts';
import { CannotRun, type BenchOptions, type Figure, type Section } from './section.ts';

const REAL_KEYS = 1000;
const CONNECTIONS = 8;
const BCRYPT_ROUNDS = 12;
const COMPARISONS = 10;

interface Validated {
  engine: string;
  busy: WrkResult[];
  calm: WrkResult[];
  /** Growth of resident memory over all runs, MB. */
  growthMb: number;
}

async function validate(
  engine: string,
  url: string,
  fill: ManyKeys,
  options: BenchOptions,
): Promise<Validated> {
  const file = `${workFolder('keys')}/keys.txt`;
  const first = await startKeyService(url);
  try {
    const keys: string[] = [];
    for (let i = 0; i < REAL_KEYS; i += 1) keys.push(await first.createKey(`bench ${i}`));
    writeFileSync(file, `${keys.join('\n')}\n`);
  } finally {
    await first.stop();
  }
  progress(`${engine}: filling the table with ${figure(options.storedKeys)} keys`);
  await fill(url, options.storedKeys - REAL_KEYS);

  const service = await startKeyService(url);
  const run = (connections: number): Promise<WrkResult> =>
    wrk({
      url: service.url,
      seconds: options.seconds,
      connections,
      script: fileURLToPath(new URL('validate.lua', import.meta.url)),
      args: [file],
    });
  const result: Validated = { engine, busy: [], calm: [], growthMb: NaN };
  try {
    await run(CONNECTIONS);
    const before = residentMb(service.child.pid);
    for (let round = 0; round < options.rounds; round += 1) {
      result.calm.push(await run(1));
      result.busy.push(await run(CONNECTIONS));
      progress(`${engine}: p99 ${figure(result.busy.at(-1)!.p99Ms)} ms`);
    }
    result.growthMb = residentMb(service.child.pid) - before;
  } finally {
    await service.stop();
  }
  return result;
}

/** What one bcrypt comparison takes, ms: the price of each row that a scan looks at. */
async function bcryptMs(): Promise<number> {
  const hash = await bcrypt.hash('hk_live_key', BCRYPT_ROUNDS);
  const times: number[] = [];
  for (let i = 0; i < COMPARISONS; i += 1) {
    const started = performance.now();
    await bcrypt.compare(`hk_live_${i}`, hash);
    times.push(performance.now() - started);
  }
  return median(times);
}

export const keyService: Section = {
  name: 'key-service',
  title: 'Validation by the key service',
  async run(options) {
    if (!(await hasProgram('wrk'))) throw new CannotRun('wrk is not installed');
    const results = [
      await validate('SQLite', `sqlite:///${workFolder('sqlite')}/keys.sqlite`, fillSqlite, options),
    ];
    if (hasPostgres()) {
      const postgres = await startPostgresServer();
      try {
        const url = await postgres.newDatabase();
        results.push(await validate('PostgreSQL', url, fillPostgres, options));
      } finally {
        await postgres.close();
      }
    }
    const compare = await bcryptMs();
    const scanHours = (compare * options.storedKeys) / 2 / 3_600_000;
    const figures = results.flatMap(({ engine, busy, growthMb }): Figure[] => {
      const p99 = median(busy.map((run) => run.p99Ms));
      return [
        {
          what: `validation p99, ${figure(options.storedKeys)} keys on ${engine}`,
          value: p99,
          shown: `${figure(p99)} ms`,
          goal: { below: 50 },
        },
        {
          what: `memory growth on ${engine}`,
          value: growthMb,
          shown: `${figure(growthMb)} MB`,
          goal: { below: 32 },
        },
      ];
    });
    const row = (engine: string, connections: number, runs: readonly WrkResult[]): Row => [
      engine,
      String(connections),
      figure(median(runs.map((run) => run.requestsPerSecond))),
      figure(median(runs.map((run) => run.p50Ms))),
      figure(median(runs.map((run) => run.p99Ms))),
    ];
    return {
      figures,
      details: [
        ['storage', 'connections', 'validations/s', 'p50 ms', 'p99 ms'],
        ...results.flatMap(({ engine, calm, busy }) => [
          row(engine, 1, calm),
          row(engine, CONNECTIONS, busy),
        ]),
        [
          'bcrypt scan, extrapolated',
          '1',
          '–',
          `${figure(scanHours)} hours`,
          `${figure(scanHours * 2)} hours`,
        ],
      ],
      notes: [
        `one of ten keys is unknown; the table is filled with copies of a real row, each with a hash of its own`,
        `the scan: ${figure(compare)} ms a comparison (cost ${BCRYPT_ROUNDS}, median of ${COMPARISONS}), times half the keys, and all of them`,
      ],
    };
  },
};
