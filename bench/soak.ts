/**
 * `npm run soak`: mixed traffic with faults injected, and then the books; after it attacks, each beside a victim whose
 * figures are taken before, during and after it. Exits with 1 where anything is wrong.
 *
 * Options: `--only mixed` or `--only attacks`, `--minutes n` (10; all attacks together take `ATTACK_MINUTES` at most
 * beside mixed traffic), `--workers n` (16), `--seed n`, `--expiring n` (5000 keys that expire at once), `--no-write`.
 * A run that is long enough writes its outcome into README.md.
 */
import { parseArgs } from 'node:util';
import { cleanUpAtExit } from './lib/children.ts';
import { writeSection } from './lib/readme.ts';
import { runAttacks } from './soak/attacks/all.ts';
import { attackReport } from './soak/attacks/attack-report.ts';
import { mixedTraffic, SLOPE_FROM_MINUTES } from './soak/mixed-traffic.ts';
import { say } from './soak/say.ts';

const MOST_WRONGS_SHOWN = 20;
const ATTACK_MINUTES = 2;
/** Shorter attacks say too little about a p99. */
const ATTACKS_WRITTEN_FROM_MINUTES = 1;

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    minutes: { type: 'string', default: '10' },
    workers: { type: 'string', default: '16' },
    seed: { type: 'string' },
    expiring: { type: 'string', default: '5000' },
    'no-write': { type: 'boolean', default: false },
  },
});
const minutes = Number(values.minutes);

async function mixed(): Promise<readonly string[]> {
  const seed = Number(values.seed ?? Date.now() % 1_000_000);
  const { report, summary, wrong } = await mixedTraffic({ minutes, workers: Number(values.workers), seed });
  console.log(JSON.stringify({ ...report, wrong: wrong.length }, null, 2));
  if (minutes >= SLOPE_FROM_MINUTES && !values['no-write']) await writeSection('soak', summary);
  return wrong;
}

async function attacks(): Promise<readonly string[]> {
  const attackMinutes = values.only === 'attacks' ? minutes : Math.min(minutes, ATTACK_MINUTES);
  const expiring = Number(values.expiring);
  const { outcomes, others } = await runAttacks({ minutes: attackMinutes, expiring });
  const report = attackReport(outcomes);
  console.log(report);
  if (attackMinutes >= ATTACKS_WRITTEN_FROM_MINUTES && !values['no-write']) {
    const date = new Date().toISOString().slice(0, 10);
    const how = `Run on ${date}, ${attackMinutes} minutes for all, ${expiring} keys that expire.`;
    await writeSection('attacks', `${report}\n\n${how}`);
  }
  return [...outcomes.flatMap(({ wrong }) => wrong), ...others];
}

async function soak(): Promise<boolean> {
  const parts = { mixed, attacks };
  const chosen =
    values.only === undefined ? Object.values(parts) : [parts[values.only as keyof typeof parts]];
  if (chosen.includes(undefined!)) throw new Error(`--only takes ${Object.keys(parts).join(' or ')}`);
  const wrong: string[] = [];
  for (const part of chosen) wrong.push(...(await part()));
  for (const text of wrong.slice(0, MOST_WRONGS_SHOWN)) say(`wrong: ${text}`);
  if (wrong.length > MOST_WRONGS_SHOWN) say(`and ${wrong.length - MOST_WRONGS_SHOWN} more`);
  return wrong.length === 0;
}

cleanUpAtExit();
soak().then(
  (right) => process.exit(right ? 0 : 1),
  (error: unknown) => {
    say(String((error as Error).stack));
    process.exit(2);
  },
);
