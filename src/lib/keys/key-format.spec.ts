import { ENVIRONMENTS, KEY_PREFIXES } from '../../contracts/keys/key-management.js';
import { generateKey, isMistypedKey, keyChecksum } from './key-format.js';
import { hasKeyFormat } from './key-pattern.js';

describe('a generated key', () => {
  test.each(ENVIRONMENTS)('for %s has the prefix, 43 characters and a fitting checksum', (environment) => {
    const key = generateKey(environment);
    expect(key).toMatch(new RegExp(`^${KEY_PREFIXES[environment]}[0-9A-Za-z]{49}$`));
    expect(keyChecksum(key.slice(0, -6))).toBe(key.slice(-6));
    expect(isMistypedKey(key)).toBe(false);
    expect(hasKeyFormat(key)).toBe(true);
  });

  test('is never the same twice, and uses all 62 digits', () => {
    const keys = Array.from({ length: 200 }, () => generateKey('production'));
    expect(new Set(keys).size).toBe(200);
    expect(new Set(keys.flatMap((key) => [...key.slice(8, 51)])).size).toBe(62);
  });
});

describe('the checksum', () => {
  // CRC-32 of "123456789" is the check value of the algorithm, 0xCBF43926 = 3421780262.
  test.each([
    ['123456789', '3jZRME'],
    ['', '000000'],
  ])('of %j is %s', (text, checksum) => {
    let value = 0;
    for (const digit of checksum)
      value = value * 62 + '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'.indexOf(digit);
    expect(value).toBe(text === '' ? 0 : 0xcbf43926);
    expect(keyChecksum(text)).toBe(checksum);
  });

  test('finds every single changed character and every swap of neighbours', () => {
    const key = generateKey('staging');
    for (let at = 8; at < key.length; at++) {
      const other = key[at] === 'a' ? 'b' : 'a';
      expect(isMistypedKey(key.slice(0, at) + other + key.slice(at + 1))).toBe(true);
      const [left, right] = [key.charAt(at - 1), key.charAt(at)];
      if (at > 8 && left !== right)
        expect(isMistypedKey(key.slice(0, at - 1) + right + left + key.slice(at + 1))).toBe(true);
    }
  });
});

describe('keys of other shapes are not judged', () => {
  test.each([
    'hk_live_0123456789abcdef0123456789abcdef',
    'hok_live_' + '0'.repeat(49),
    'hk_live_' + '0'.repeat(48),
    'hk_live_' + '0'.repeat(50),
    'hk_prod_' + '0'.repeat(49),
    'anything',
    '',
  ])('%s', (key) => expect(isMistypedKey(key)).toBe(false));
});
