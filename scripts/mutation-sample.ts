/**
 * Draws a sample of small changes to the sources, and looks which of them are noticed: by the compiler, then by the unit
 * tests that reach the changed file, then by the comparison of code and documents, then by the integration tests that have
 * most to do with it.
 *
 *     npm run test:mutation -- [--count 64] [--seed 1] [--only src/gateway/auth] [--unit]
 *
 * `--unit` leaves the integration tests out. Who noticed a mutant is kept in `.data/`, so that a run that was stopped goes
 * on where it was; `--fresh` begins again.
 */
import { availableParallelism } from 'node:os';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { fileURLToPath } from 'node:url';
import { killPrograms } from './start/program.ts';
import { removeFolders } from '../test/support/lib/temp-dir.ts';
import { MutantCheckout } from './mutation/checkout.ts';
import { Compiler } from './mutation/compiler.ts';
import { Journal } from './mutation/journal.ts';
import { Judge, JUDGES, type Discovery } from './mutation/judge.ts';
import type { Mutant } from './mutation/mutants.ts';
import { allMutants, sampleOf } from './mutation/sample.ts';

/** At least nine of ten. */
const GOAL = 0.9;
const root = fileURLToPath(new URL('..', import.meta.url)).replace(/\/$/, '');

function describe({ file, line, before, after }: Mutant): string {
  const short = (text: string): string => (text.length > 60 ? `${text.slice(0, 57)}...` : text);
  return `${file}:${line}  ${short(before.replace(/\s+/g, ' '))}  ->  ${short(after.replace(/\s+/g, ' '))}`;
}

process.once('exit', () => {
  killPrograms();
  removeFolders();
});
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));

const { values } = parseArgs({
  options: {
    count: { type: 'string', default: '64' },
    seed: { type: 'string', default: '1' },
    only: { type: 'string' },
    unit: { type: 'boolean', default: false },
    fresh: { type: 'boolean', default: false },
  },
});
const journalPath = join(root, '.data', 'mutation-sample.jsonl');
if (values.fresh) rmSync(journalPath, { force: true });
// A copy does not change while somebody goes on working.
const workers = Math.max(1, Math.floor(availableParallelism() / 2));
const checkouts = Array.from({ length: workers }, () => new MutantCheckout(root));
const [first] = checkouts as [MutantCheckout];
const all = allMutants(first.folder).filter(({ file }) => file.startsWith(values.only ?? ''));
const journal = new Journal(journalPath, first.folder);
const waiting = sampleOf(all, Number(values.count), Number(values.seed));
// Read before any mutant is in place.
const known = new Map(waiting.map((mutant) => [mutant, journal.discoveryOf(mutant)]));
const total = waiting.length;
console.log(`${total} of ${all.length} mutants, seed ${values.seed}`);

const outcomes: { mutant: Mutant; discovery: Discovery | undefined }[] = [];
async function work(checkout: MutantCheckout): Promise<void> {
  const compiler = new Compiler(checkout.folder);
  if (compiler.fails()) throw new Error('the sources do not compile: mend that first');
  const judge = new Judge(checkout, compiler, !values.unit);
  for (let mutant = waiting.shift(); mutant; mutant = waiting.shift()) {
    const startedAt = performance.now();
    const before = known.get(mutant);
    const discovery = before ?? (await judge.discoveryOf(mutant));
    if (!before && discovery) journal.note(mutant, discovery);
    outcomes.push({ mutant, discovery });
    const seconds = Math.round((performance.now() - startedAt) / 1000);
    console.log(
      `${outcomes.length}/${total}  ${discovery?.by ?? 'NOT NOTICED'}  ${seconds} s  ${describe(mutant)}`,
    );
    if (discovery?.test !== undefined) console.log(`    ${discovery.test}`);
  }
}
await Promise.all(checkouts.map(work));

const survivors = outcomes.filter(({ discovery }) => discovery === undefined);
const noticed = total - survivors.length;
const counts = JUDGES.map(
  (name) => `${outcomes.filter(({ discovery }) => discovery?.by === name).length} by ${name}`,
);
console.log(
  `\n${noticed} of ${total} noticed (${Math.round((noticed / Math.max(1, total)) * 100)} %): ${counts.join(', ')}`,
);
for (const { mutant } of survivors) console.log(`not noticed: ${describe(mutant)}`);
process.exitCode = noticed >= total * GOAL ? 0 : 1;
