import { ownCopy } from '../../lib/own-copy.js';
import type { RequestTarget } from '../../lib/http/request-target.js';

/** Paths of one method that are remembered, before the oldest half is forgotten. */
const MAX_PATHS = 1000;
const LONGEST_PATH = 256;

interface Generations<V> {
  young: Map<string, V>;
  old: Map<string, V>;
}

/**
 * Caches results that depend only on method and path, for the most recent paths: most requests use a path that was
 * used before. The size is bounded, whatever clients send.
 *
 * Hot path: docs/decisions/0021-nothing-waits-or-is-done-twice.md.
 */
export class RememberedPaths<V extends NonNullable<unknown>> {
  private readonly methods = new Map<string, Generations<V>>();

  /** @param decide by method and target without its query, and by nothing else; it must not keep parts of the target */
  constructor(private readonly decide: (method: string, target: RequestTarget) => V) {}

  /** @param method one of those that Node's parser knows */
  of(method: string, target: RequestTarget): V {
    let paths = this.methods.get(method);
    if (paths === undefined) this.methods.set(method, (paths = { young: new Map(), old: new Map() }));
    const { rawPath } = target;
    return paths.young.get(rawPath) ?? paths.old.get(rawPath) ?? this.learn(paths, method, target);
  }

  private learn(paths: Generations<V>, method: string, target: RequestTarget): V {
    const decision = this.decide(method, target);
    const { rawPath } = target;
    if (rawPath.length > LONGEST_PATH) return decision;
    if (paths.young.size >= MAX_PATHS / 2) {
      paths.old = paths.young;
      paths.young = new Map();
    }
    paths.young.set(ownCopy(rawPath), decision);
    return decision;
  }
}
