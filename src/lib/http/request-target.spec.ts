import { parseTarget } from './request-target.js';

describe('parseTarget', () => {
  it.each([
    ['/api/mlflow/x', '/api/mlflow/x', ''],
    ['/api/mlflow?x=1', '/api/mlflow', '?x=1'],
    ['/a//b', '/a/b', ''],
    ['/a%2F%2Fb', '/a/b', ''],
    ['/experiments%2Fsearch?a=1&a=2&', '/experiments/search', '?a=1&a=2&'],
    ['/%73earch', '/search', ''],
    ['/a/.hidden/b..c/...', '/a/.hidden/b..c/...', ''],
    ['/a/%252e%252e/b', '/a/%2e%2e/b', ''],
    ['/a?b=../..', '/a', '?b=../..'],
    ['/a;p=1/b', '/a;p=1/b', ''],
    ['/a%23b', '/a#b', ''],
    // Not UTF-8: as in Python's unquote.
    ['/a%ff', '/a\ufffd', ''],
    ['/caf%e9.txt', '/caf\ufffd.txt', ''],
    ['/%c0.txt', '/\ufffd.txt', ''],
    ['/%EF%BB%BFa%C3%A9', '/\ufeffaé', ''],
  ])('%s is judged as %s', (url, path, rawQuery) => {
    expect(parseTarget(url)).toEqual({ rawPath: url.split('?')[0], rawQuery, path });
  });

  it.each([
    ['http://other/api', 'not-origin-form'],
    ['*', 'not-origin-form'],
    ['', 'not-origin-form'],
    ['/a#', 'fragment'],
    ['/a/..#/b', 'fragment'],
    ['/a?b#c', 'fragment'],
    ['/a/../b', 'dot-segment'],
    ['/a/..', 'dot-segment'],
    ['/./a', 'dot-segment'],
    ['/a/%2e%2E/b', 'dot-segment'],
    ['/a%2f..%2fb', 'dot-segment'],
    ['/a/.%2e', 'dot-segment'],
    ['/a\\b', 'backslash'],
    ['/a%5Cb', 'backslash'],
    ['/a%00b', 'nul'],
    ['/a%', 'percent-encoding'],
    ['/a%zz', 'percent-encoding'],
    ['/a%ff%', 'percent-encoding'],
    ['/a/%c0%ae%C0%AE/b', 'percent-encoding'],
    ['/a%e0%80%afb', 'percent-encoding'],
    ['/a%f0%80%80%afb', 'percent-encoding'],
    ['/a%c3%2', 'percent-encoding'],
  ])('%s is refused: %s', (url, fault) => {
    expect(parseTarget(url)).toBe(fault);
  });
});
