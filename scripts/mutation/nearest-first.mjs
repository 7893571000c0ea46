import { relative } from 'node:path';
import Sequencer from '@jest/test-sequencer';
import { byRelation } from './related.ts';

/** Tests that have most to do with the source in `MUTATED_SOURCE` begin: with `--bail`, what they notice ends the run. */
export default class NearestFirst extends Sequencer {
  sort(tests) {
    const root = process.cwd();
    const byPath = new Map(tests.map((test) => [relative(root, test.path), test]));
    return byRelation(root, process.env.MUTATED_SOURCE, [...byPath.keys()]).map((path) => byPath.get(path));
  }
}
