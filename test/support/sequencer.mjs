import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import Sequencer from '@jest/test-sequencer';

/**
 * Test files that take longest. They begin first, or the last of them would run alone at the end. Those that mostly wait
 * for clocks and programs, such as a rolling restart, stand between those that compute, so that the processors always
 * have something to do.
 */
const LONG_ONES = JSON.parse(readFileSync(new URL('long-specs.json', import.meta.url), 'utf8'));

/** Jest's own order for all others: what failed last time, then by the time that they took, or by their size. */
export default class LongOnesFirst extends Sequencer {
  sort(tests) {
    const rankOf = (test) => {
      if (this.hasFailed(test)) return -1;
      const { rootDir } = test.context.config;
      const rank = LONG_ONES.findIndex((path) => join(rootDir, path) === test.path);
      return rank === -1 ? LONG_ONES.length : rank;
    };
    return super.sort(tests).sort((one, other) => rankOf(one) - rankOf(other));
  }
}
