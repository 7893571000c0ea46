import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
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

/**
 * As many of them as asked for, the same for the same seed. Each mutant has its own lot, drawn from the text of its line: a
 * change of other lines and files takes none out of the sample, so the next run shows what a repair was worth.
 */
export function sampleOf(all: readonly Mutant[], count: number, seed: number): Mutant[] {
  const times = new Map<string, number>();
  return all
    .map((mutant) => {
      const name = JSON.stringify([mutant.file, mutant.lineText, mutant.before, mutant.after]);
      const nth = (times.get(name) ?? 0) + 1;
      times.set(name, nth);
      return { mutant, lot: createHash('sha256').update(`${seed} ${nth} ${name}`).digest('hex') };
    })
    .sort((one, other) => (one.lot < other.lot ? -1 : 1))
    .slice(0, count)
    .map(({ mutant }) => mutant);
}
