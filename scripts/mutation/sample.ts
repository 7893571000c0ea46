import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { seededRandom } from '../../test/support/random.ts';
import { mutantsOf, type Mutant } from './mutants.ts';

/** Parts whose tests the sample judges. */
const PARTS = ['src/gateway', 'src/key-service', 'src/lib', 'src/platform'];
/** Wiring, which has nothing to decide, and entry points, which tests start as built programs. */
const LEFT_OUT = /\.spec\.ts$|\.module\.ts$|\/main\.ts$|\.d\.ts$/;

/** Every mutant of the parts, in an order that the files alone decide. */
export function allMutants(root: string, parts: readonly string[] = PARTS): Mutant[] {
  return parts
    .flatMap((part) =>
      readdirSync(join(root, part), { recursive: true, encoding: 'utf8' }).map((path) => join(part, path)),
    )
    .filter((path) => path.endsWith('.ts') && !LEFT_OUT.test(path))
    .sort()
    .flatMap((file) => mutantsOf(file, readFileSync(join(root, file), 'utf8')));
}

/** As many of them as asked for, without repetition; the same for the same seed. */
export function sampleOf<T>(all: readonly T[], count: number, seed: number): T[] {
  const next = seededRandom(seed);
  const left = [...all];
  return Array.from(
    { length: Math.min(count, left.length) },
    () => left.splice(Math.floor(next() * left.length), 1)[0] as T,
  );
}
