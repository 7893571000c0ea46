import type { WindowShape } from '../../lib/sliding-window.js';
import type { KeyFacts } from '../principal/key-facts.js';
import type { ActionBudget } from './action-budget.js';

/** A named window that limits a key. */
export interface Budget {
  /** As `RateLimit` and `RateLimit-Policy` name it, and the log's reason before `_limit`. */
  readonly name: string;
  readonly shape: WindowShape;
  /** Its part of the name in Redis: windows with other lengths or buckets must not share a name. */
  readonly storeName: string;
  /** Which requests count in it; undefined: all. */
  readonly action: ActionBudget | undefined;
  /** The limit of a key whose facts name none; undefined: none. */
  readonly defaultLimit: number | undefined;
  /** The key's own limit; null is the default. Absent where keys have none of their own. */
  readonly limitOf?: (facts: KeyFacts) => number | null;
}
