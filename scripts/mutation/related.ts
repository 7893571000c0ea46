import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';

/** A name says more of what a file is about than one line in it. */
const WEIGHT_OF_PATH = 20;
/** Of all that import a source together, beside 1 for the source itself. */
const WEIGHT_OF_IMPORTERS = 0.5;
/** Beginnings that say only what kind of file it is. */
const ROOTS = /^(?:src|test\/(?:integration|contract))\//;

type Vector = ReadonlyMap<string, number>;

/**
 * Tests in the order of how much they have to do with a source, most first: by the words that they share with it and with
 * what imports it, of which a rare one counts more than a common one (cosine of tf-idf). A test that starts a whole server
 * imports hardly anything of what it tests, so its imports do not say it.
 *
 * @param tests paths from `root`
 */
export function byRelation(root: string, source: string, tests: readonly string[]): string[] {
  const words = tests.map((path) => wordsOf(path, read(root, path)));
  const commonness = new Map<string, number>();
  for (const counts of words)
    for (const word of counts.keys()) commonness.set(word, (commonness.get(word) ?? 0) + 1);
  const vectorOf = (counts: Vector): Vector => {
    // A word that no test has says nothing.
    const rarity = (word: string): number =>
      Math.log((tests.length + 1) / (commonness.get(word) ?? tests.length + 1));
    const values = [...counts].map(([word, count]) => [word, (1 + Math.log(count)) * rarity(word)] as const);
    const length = Math.hypot(...values.map(([, value]) => value)) || 1;
    return new Map(values.map(([word, value]) => [word, value / length]));
  };
  const wanted = new Map(vectorOf(wordsOf(source, read(root, source))));
  const importers = importersOf(root, source);
  for (const { path, text } of importers)
    for (const [word, value] of vectorOf(wordsOf(path, text)))
      wanted.set(word, (wanted.get(word) ?? 0) + (value * WEIGHT_OF_IMPORTERS) / importers.length);
  const scores = new Map(
    tests.map((path, index) => [path, product(vectorOf(words[index] as Vector), wanted)]),
  );
  const scoreOf = (path: string): number => scores.get(path) as number;
  return [...tests].sort((one, other) => scoreOf(other) - scoreOf(one) || one.localeCompare(other));
}

const read = (root: string, path: string): string => readFileSync(join(root, path), 'utf8');

/** How often words occur; names such as `drainDelaySeconds` and `DRAIN_DELAY_SECONDS` are taken apart. */
function wordsOf(path: string, text: string): Vector {
  const counts = new Map<string, number>();
  const count = (from: string, weight: number): void => {
    for (const [word] of from.replace(/([a-z])([A-Z])/g, '$1 $2').matchAll(/[A-Za-z]{3,}/g)) {
      const singular = word.toLowerCase().replace(/(?<=...)s$/, '');
      counts.set(singular, (counts.get(singular) ?? 0) + weight);
    }
  };
  count(path.replace(ROOTS, ''), WEIGHT_OF_PATH);
  count(text, 1);
  return counts;
}

function importersOf(root: string, source: string): { path: string; text: string }[] {
  const name = `/${basename(source, '.ts')}.js'`;
  return readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts') && !/\.(?:spec|module)\.ts$/.test(path))
    .map((path) => ({ path: join('src', path), text: read(root, join('src', path)) }))
    .filter(({ text }) => text.includes(name));
}

function product(one: Vector, other: Vector): number {
  let sum = 0;
  for (const [word, value] of one) sum += value * (other.get(word) ?? 0);
  return sum;
}

/** Integration tests of a whole deployment, of tools and of other programs; one of them takes minutes. */
const LEFT_OUT =
  /^(?:bench|cli|deployment|docker|monitoring|sdk|start|support)\/|^key-service\/rotation-kills/;
const LONG = Object.values(
  JSON.parse(
    readFileSync(new URL('../../test/support/run/long-specs.json', import.meta.url), 'utf8'),
  ) as object,
).flat() as string[];

/** The integration tests that have most to do with a source, most first; but those that take long at the end. */
export function integrationTestsOf(root: string, source: string, count: number): string[] {
  const tests = readdirSync(join(root, 'test/integration'), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.spec.ts') && !LEFT_OUT.test(path))
    .map((path) => join('test/integration', path));
  return byRelation(root, source, tests)
    .slice(0, count)
    .sort((one, other) => Number(LONG.includes(one)) - Number(LONG.includes(other)));
}
