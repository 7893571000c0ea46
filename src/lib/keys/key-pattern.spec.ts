import { ENVIRONMENTS, KEY_PREFIXES } from '../../contracts/keys/key-management.js';
import { generateKey } from './key-format.js';
import {
  environmentOfPrefix,
  hasKeyFormat,
  KEY_IN_URL,
  KEY_TO_END,
  MAY_HOLD_KEY,
  OWN_KEY,
  redactKeys,
} from './key-pattern.js';

const KEY = `hk_live_${'a1B2'.repeat(12)}`;

describe('the format of a key', () => {
  test.each([
    ['hk_live_0123456789abcdef0123456789abcdef', true],
    ['hk_test_0123456789abcdef', true],
    ['hok_dev_0123456789ab-def_', true],
    ['hk_live_short', false],
    ['hk_live_0123456789abcdef with space', false],
    ['Bearer hk_live_0123456789abcdef', false],
    ['sk-0123456789abcdef0123456789', false],
    ['', false],
  ])('%s: %s', (text, expected) => expect(hasKeyFormat(text)).toBe(expected));
});

it('the own shape is that of issued keys alone', () => {
  for (const environment of ENVIRONMENTS) expect(OWN_KEY.test(generateKey(environment))).toBe(true);
  for (const other of [KEY, generateKey('production').replace('hk', 'hok'), 'hk_prod_' + '0'.repeat(49)])
    expect(OWN_KEY.test(other)).toBe(false);
});

it.each([
  [`error: unknown option '--api-key=${KEY}'`, `error: unknown option '--api-key=hk_live_…'`],
  [`${KEY} and hok_dev_${'x'.repeat(20)}`, 'hk_live_… and hok_dev_…'],
  ['nothing to hide in hk_live_short', 'nothing to hide in hk_live_short'],
])('every key is taken out of %j', (text, shown) => expect(redactKeys(text)).toBe(shown));

it.each([`/x/${KEY}/y`, `/x/HOK_DEV_1/y`, `/hk_test_a-b_c`])('a key is found in the URL %s', (url) => {
  expect(MAY_HOLD_KEY.test(url)).toBe(true);
  expect(url.replace(KEY_IN_URL, '')).not.toMatch(/h(?:o)?k_/i);
  expect(url.replace(KEY_TO_END, '')).not.toMatch(/h(?:o)?k_|y$/i);
});

it.each<[string, string | undefined]>([
  ...ENVIRONMENTS.map((environment): [string, string] => [KEY_PREFIXES[environment], environment]),
  ['hok_test_abc', 'staging'],
  ['sk-abc', undefined],
])('the beginning %s speaks of %s', (prefix, environment) =>
  expect(environmentOfPrefix(prefix)).toBe(environment),
);
