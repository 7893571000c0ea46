import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ENVIRONMENTS, KEY_ENVIRONMENT_WORDS, KEY_ISSUERS } from '../../src/contracts/keys/key-management.js';

const ROOT = join(import.meta.dirname, '../..');
const WORDS = ENVIRONMENTS.map((environment) => KEY_ENVIRONMENT_WORDS[environment]).join('|');
/** `hk_…`, or `_live` where a pattern would have it. Prose about keys, which stands in comments, is no pattern. */
const SPELLED = new RegExp(`\\b(?:${KEY_ISSUERS.join('|')})_|_(?:\\(\\??:?)?(?:${WORDS})\\b`);
const SOURCE = 'src/contracts/keys/key-management.ts';

const withoutComments = (text: string): string =>
  text.replace(/^\s*(?:\/\*\*?|\*|\/\/).*$/gm, '').replace(/\s\/\/ .*$/gm, '');

it('what keys begin with is spelled in one place, from which every pattern is built', () => {
  const files = globSync(['src/**/*.ts', 'scripts/**/*.{ts,mjs}'], { cwd: ROOT }).filter(
    (file) => !file.endsWith('.spec.ts') && file !== SOURCE,
  );
  expect(files.length).toBeGreaterThan(300);
  const spelling = files.filter((file) =>
    SPELLED.test(withoutComments(readFileSync(join(ROOT, file), 'utf8'))),
  );
  expect(spelling).toEqual([]);
});

it.each(['/^(?:hk|hok)_(?:live|test|dev)_/', "'hk_live_'", '/_test/', '`_(dev|live)`'])(
  'the search would find %s',
  (pattern) => expect(SPELLED.test(pattern)).toBe(true),
);
