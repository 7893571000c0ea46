import { ExpressAdapter } from '@nestjs/platform-express';
import type { RequestHandler } from 'express';

const WILDCARD = '/{*path}';
const METHODS = ['get', 'post', 'put', 'patch', 'delete', 'head', 'options', 'search'] as const;

/** A handler for everything below a path, and the paths below it that other routes have. */
interface Subtree {
  readonly prefix: string;
  readonly handler: RequestHandler;
  taken: readonly string[];
}

/**
 * Express's adapter with a short cut for routes that take a whole subtree (`mount/{*path}`, any method). It skips
 * Express's matching of one route after another; guards and controller are the same. Where another route may match
 * below the same prefix, Express matches as usual.
 *
 * Hot path: docs/decisions/0021-nothing-waits-or-is-done-twice.md.
 */
export class SubtreeAdapter extends ExpressAdapter {
  private readonly subtrees: Subtree[] = [];
  private readonly others: string[] = [];

  constructor(instance: unknown) {
    super(instance);
    const self = this as unknown as Record<string, (...args: unknown[]) => unknown>;
    for (const method of [...METHODS, 'all']) {
      const register = (self[method] as (...args: unknown[]) => unknown).bind(this);
      self[method] = (...args) => {
        this.note(method, args);
        return register(...args);
      };
    }
  }

  /** The handler that Express would choose for this raw path; undefined if only Express can tell. */
  handlerFor(rawPath: string): RequestHandler | undefined {
    for (const { prefix, handler, taken } of this.subtrees) {
      if (!rawPath.startsWith(prefix)) continue;
      for (const path of taken) if (rawPath.startsWith(path)) return undefined;
      return handler;
    }
    return undefined;
  }

  private note(method: string, args: unknown[]): void {
    const [path, handler] = args;
    if (typeof path !== 'string') return;
    if (method === 'all' && path.endsWith(WILDCARD) && !/[:*{]/.test(path.slice(0, -WILDCARD.length)))
      this.subtrees.push({
        prefix: path.slice(0, 1 - WILDCARD.length),
        handler: handler as RequestHandler,
        taken: [],
      });
    else this.others.push(path);
    for (const subtree of this.subtrees) subtree.taken = this.cornersIn(subtree.prefix);
  }

  /** For each other route below the prefix, the part of its path up to its first parameter or second slash. */
  private cornersIn(prefix: string): string[] {
    return this.others
      .filter((path) => path.startsWith(prefix) && path.length > prefix.length)
      .map((path) => prefix + (/^[^/:*{]*/.exec(path.slice(prefix.length))?.[0] ?? ''));
  }
}
