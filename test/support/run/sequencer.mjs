import Sequencer from '@jest/test-sequencer';
import { LONG_SPECS } from './spec-lanes.mjs';

/**
 * Test files that take longest begin first, or the last of them would run alone at the end. Jest's own order for all
 * others: what failed last time, then by the time that they took, or by their size.
 */
export default class LongOnesFirst extends Sequencer {
  sort(tests) {
    const rankOf = (test) => {
      if (this.hasFailed(test)) return -1;
      const rank = LONG_SPECS.indexOf(test.path);
      return rank === -1 ? LONG_SPECS.length : rank;
    };
    return super.sort(tests).sort((one, other) => rankOf(one) - rankOf(other));
  }
}
