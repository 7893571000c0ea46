import { jest } from '@jest/globals';
import { cookieValues, setCookie, withoutCookies } from './cookies.js';

describe('the values of a cookie', () => {
  it.each([
    [undefined, []],
    ['', []],
    ['s=1', ['1']],
    ['a=b; s=1; c=d', ['1']],
    ['s=1; s=2', ['1', '2']],
    ['xs=1; sx=2; s', []],
    ['  s = a=b ;t=1', ['a=b']],
    ['S=1', []],
    // A browser takes a name that begins with another white space for one without `__Host-`: any sibling host may set it.
    ['\u00a0s=planted', []],
    ['s\u00a0=planted; \u00a0s=planted; s=1', ['1']],
    ['\u000bs=planted; \ufeffs=planted; \ts\t=\t1\t', ['1']],
  ])('are read from %j', (header, values) => {
    expect(cookieValues(header, 's')).toEqual(values);
  });
});

it('reading them takes time in proportion to the length of their header, whatever it contains', () => {
  const indexOf = jest.spyOn(String.prototype, 'indexOf');
  try {
    for (const header of [`s${';'.repeat(10_000)}`, `s=${';'.repeat(10_000)}`, 's=;'.repeat(3000)]) {
      indexOf.mockClear();
      cookieValues(header, 's');
      const looked = indexOf.mock.calls.map(([, start = 0], call) => {
        const found = indexOf.mock.results[call]?.value as number;
        return (found === -1 ? header.length : found) - start;
      });
      expect(looked.reduce((sum, one) => sum + one, 0)).toBeLessThanOrEqual(3 * header.length);
    }
  } finally {
    indexOf.mockRestore();
  }
});

describe('a Cookie header', () => {
  it.each([
    ['s=1', undefined],
    ['a=b; s=1; c=d', 'a=b; c=d'],
    ['s=1; a=b', 'a=b'],
    ['s; a=b; s=2; s=3', 'a=b'],
    ['xs=1; sx="s=1"', 'xs=1; sx="s=1"'],
    ['\u00a0s=1; a=b', 'a=b'],
  ])('loses only the cookies that are named: %j', (header, left) => {
    expect(withoutCookies(header, new Set(['s']))).toBe(left);
  });
});

it('a cookie is set with all of its attributes, and never readable by scripts', () => {
  const attributes = { path: '/', secure: true, sameSite: 'Lax', maxAgeSeconds: 12.9 } as const;
  expect(setCookie('s', 'v', attributes)).toBe('s=v; Path=/; Max-Age=12; HttpOnly; SameSite=Lax; Secure');
  expect(setCookie('s', '', { ...attributes, secure: false, maxAgeSeconds: 0 })).toBe(
    's=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax',
  );
});
