import { bulkhead, BulkheadRejectedError } from 'cockatiel';
import { BulkheadFullError } from './dependency-error.js';

/** Bounds the calls under way at once. */
export interface BulkheadPolicy {
  /** Calls under way and calls that wait, for those who watch. */
  readonly load?: { readonly underWay: number; readonly waiting: number };
  /** @throws BulkheadFullError without calling, else what `work` threw */
  execute<T>(work: () => Promise<T>): Promise<T>;
}

/** Token; a test or an extension provides its own. */
export const BulkheadPolicy = Symbol('BulkheadPolicy');

const CALLS = 64;
const WAITING = 4096;

/**
 * The default: 64 calls at once and 4096 waiting, so that thousands of new keys at once do not overload the service.
 */
export function bulkheadPolicy(calls = CALLS, waiting = WAITING): BulkheadPolicy {
  const policy = bulkhead(calls, waiting);
  return {
    get load() {
      return { underWay: calls - policy.executionSlots, waiting: waiting - policy.queueSlots };
    },
    async execute(work) {
      try {
        return await policy.execute(() => work());
      } catch (error) {
        if (error instanceof BulkheadRejectedError) throw new BulkheadFullError('too many calls waiting');
        throw error;
      }
    },
  };
}
