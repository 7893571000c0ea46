import { bearerToken, isOneOf } from './secrets.js';

describe('isOneOf', () => {
  it('knows each of several secrets and nothing else', () => {
    expect(isOneOf('two', ['one', 'two'])).toBe(true);
    expect(isOneOf('three', ['one', 'two'])).toBe(false);
    expect(isOneOf('', [])).toBe(false);
  });
});

describe('bearerToken', () => {
  it.each([
    ['Bearer abc', 'abc'],
    ['bEARER  abc ', 'abc'],
    ['Bearer', undefined],
    ['Bearer a b', undefined],
    ['Basic abc', undefined],
    [undefined, undefined],
  ])('%p gives %p', (header, token) => expect(bearerToken(header)).toBe(token));
});
