import { withParameter } from './raw-query.js';

describe('withParameter', () => {
  it.each([
    ['', ['a'], '?filter=a'],
    ['?', ['a'], '?filter=a'],
    ['?filter=x', ['a b&c'], '?filter=a%20b%26c'],
    ['?x=1&filter=x&y=%zz', ['a'], '?filter=a&x=1&y=%zz'],
    ['?f%69lter=x&x=1&filter=y&filter', ['a'], '?filter=a&x=1'],
    ['?filters=x&Filter=y', ['a'], '?filter=a&filters=x&Filter=y'],
    ['?x=1', ['a', 'b'], '?filter=a&filter=b&x=1'],
    ['?filter=x', [], ''],
    ['?filter=x&x', [], '?x'],
  ])('makes of %s with %j: %s', (query, values, expected) => {
    expect(withParameter(query, 'filter', values)).toBe(expected);
  });
});
