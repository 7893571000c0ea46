import { LRUCache } from 'lru-cache';
import { atMost } from '../../../lib/at-most.js';
import { globPrefix } from '../../../lib/name-glob.js';
import type { Clock } from '../../../platform/clock.js';

const KEEP_MS = 30_000;
const MAX_LISTINGS = 1000;

/** Lists that MLflow has given, for all who ask again soon. A failed one is not kept. */
export class Listings<T> {
  private readonly kept: LRUCache<string, Promise<T>>;

  constructor(clock: Clock) {
    const perf = { now: () => clock.monotonicMs() };
    this.kept = new LRUCache({ ...atMost(MAX_LISTINGS), ttl: KEEP_MS, ttlResolution: 0, perf });
  }

  /** @param workspace of MLflow in which it holds; undefined for none */
  get(workspace: string | undefined, filter: string, list: () => Promise<T>): Promise<T> {
    const name = `${workspace ?? ''}\n${filter}`;
    const kept = this.kept.get(name);
    if (kept !== undefined) return kept;
    const listed = list();
    this.kept.set(name, listed);
    listed.catch(() => {
      if (this.kept.peek(name) === listed) this.kept.delete(name);
    });
    return listed;
  }

  forget(): void {
    this.kept.clear();
  }
}

/**
 * A filter of MLflow's for names that may fit a pattern; empty where it would hold for all. What LIKE takes for a
 * wildcard only finds more.
 */
export function filterFor(pattern: string): string {
  const plain = /^[^'"\\]*/.exec(globPrefix(pattern))?.[0] ?? '';
  return plain === '' ? '' : `name LIKE '${plain}%'`;
}
