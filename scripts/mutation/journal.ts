import { createHash } from 'node:crypto';
import { appendFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Discovery } from './judge.ts';
import type { Mutant } from './mutants.ts';

/**
 * Remembers between runs who noticed a mutant, so that a run that was stopped goes on where it was. One that nobody
 * noticed is tried again, and so is every mutant of a source that has changed.
 */
export class Journal {
  private readonly known = new Map<string, Discovery>();
  /** Of the sources as they were when a mutant was first asked about: later it may stand in one. */
  private readonly names = new Map<Mutant, string>();

  private readonly path: string;
  private readonly root: string;

  /** @param root of the checkout that the mutants are drawn from */
  constructor(path: string, root: string) {
    this.path = path;
    this.root = root;
    mkdirSync(dirname(path), { recursive: true });
    if (!existsSync(path)) return;
    for (const line of readFileSync(path, 'utf8').split('\n').filter(Boolean)) {
      const { name, discovery } = JSON.parse(line) as { name: string; discovery: Discovery };
      this.known.set(name, discovery);
    }
  }

  /** undefined where nobody noticed it, or it was never asked about. */
  discoveryOf(mutant: Mutant): Discovery | undefined {
    return this.known.get(this.nameOf(mutant));
  }

  note(mutant: Mutant, discovery: Discovery): void {
    appendFileSync(this.path, `${JSON.stringify({ name: this.nameOf(mutant), discovery })}\n`);
  }

  private nameOf(mutant: Mutant): string {
    let name = this.names.get(mutant);
    if (name === undefined) this.names.set(mutant, (name = this.readName(mutant)));
    return name;
  }

  private readName({ file, start, end, after }: Mutant): string {
    const source = readFileSync(join(this.root, file));
    const hash = createHash('sha256').update(source).digest('base64url').slice(0, 16);
    return `${file} ${hash} ${start}-${end} ${after}`;
  }
}
