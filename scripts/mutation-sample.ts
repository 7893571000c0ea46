/**
 * Draws a sample of small changes to the sources, and looks which of them a test notices: the unit tests that
 * reach the changed file first, then the compiler, then the comparison of code and documents, then the integration tests
 * of its part.
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
import { removeFolders } from '../test/support/temp-dir.ts';
import { MutantCheckout } from './mutation/checkout.ts';
import { integrationTestsOf } from './mutation/integration-tests.ts';
import { Journal } from './mutation/journal.ts';
import type { Mutant } from './mutation/mutants.ts';
import { allMutants, sampleOf } from './mutation/sample.ts';

/** At least nine of ten. */
const GOAL = 0.9;
/** Wide: on a busy machine a time-out would be taken for a discovery. */
const UNIT_TIMEOUT_MS = 400_000;
const INTEGRATION_TIMEOUT_MS = 1_200_000;
/** Of those in test/contract, the ones that look at the four parts. */
const CONTRACT_TESTS = ['docs', 'key-service-docs', 'operations', 'auth-service'].map(
  (name) => `test/contract/${name}.spec`,
);
const root = fileURLToPath(new URL('..', import.meta.url)).replace(/\/$/, '');

/** Who noticed it; undefined is nobody. */
type Outcome = 'unit tests' | 'compiler' | 'contract tests' | 'integration tests' | undefined;

async function outcomeOf(checkout: MutantCheckout, mutant: Mutant): Promise<Outcome> {
  const unit = ['--selectProjects', 'unit', '--findRelatedTests', mutant.file];
  if (await checkout.jestFails(unit, UNIT_TIMEOUT_MS)) return 'unit tests';
  if (await checkout.compilerFails()) return 'compiler';
  const contract = ['--selectProjects', 'contract', '--', ...CONTRACT_TESTS];
  if (await checkout.jestFails(contract, UNIT_TIMEOUT_MS)) return 'contract tests';
  if (values.unit) return undefined;
  const integration = ['--selectProjects', 'integration', '--', ...integrationTestsOf(mutant.file)];
  return (await checkout.jestFails(integration, INTEGRATION_TIMEOUT_MS)) ? 'integration tests' : undefined;
}

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
const known = new Map(waiting.map((mutant) => [mutant, journal.noticedBy(mutant) as Outcome]));
const total = waiting.length;
console.log(`${total} of ${all.length} mutants, seed ${values.seed}`);

const outcomes: { mutant: Mutant; outcome: Outcome }[] = [];
async function work(checkout: MutantCheckout): Promise<void> {
  for (let mutant = waiting.shift(); mutant; mutant = waiting.shift()) {
    const current = mutant;
    const startedAt = performance.now();
    const outcome = known.get(current) ?? (await checkout.with(current, () => outcomeOf(checkout, current)));
    if (known.get(current) === undefined && outcome !== undefined) journal.note(current, outcome);
    outcomes.push({ mutant: current, outcome });
    const seconds = Math.round((performance.now() - startedAt) / 1000);
    console.log(
      `${outcomes.length}/${total}  ${outcome ?? 'NOT NOTICED'}  ${seconds} s  ${describe(current)}`,
    );
  }
}
// Whatever fails without a mutant would be taken for its discovery.
if (await first.compilerFails()) throw new Error('the sources do not compile: mend that first');
if (await first.jestFails(['--selectProjects', 'unit'], INTEGRATION_TIMEOUT_MS))
  throw new Error('unit tests fail: mend that first');
await Promise.all(checkouts.map(work));

const survivors = outcomes.filter(({ outcome }) => outcome === undefined);
const noticed = total - survivors.length;
const by = (name: Outcome): number => outcomes.filter(({ outcome }) => outcome === name).length;
console.log(
  `\n${noticed} of ${total} noticed (${Math.round((noticed / Math.max(1, total)) * 100)} %): ` +
    ['unit tests', 'compiler', 'contract tests', 'integration tests']
      .map((name) => `${by(name as Outcome)} by ${name}`)
      .join(', '),
);
for (const { mutant } of survivors) console.log(`not noticed: ${describe(mutant)}`);
process.exitCode = noticed >= total * GOAL ? 0 : 1;
