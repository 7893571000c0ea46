import { bearersOf, readNamedToken } from './named-token.js';

it.each([
  ['ana:0123456789abcdef', 'ana', '0123456789abcdef'],
  ['bo.b-2:a:b', 'bo.b-2', 'a:b'],
  ['0123456789abcdef', undefined, '0123456789abcdef'],
  [':0123', undefined, ':0123'],
  ['1ana:0123', undefined, '1ana:0123'],
  ['deadbeef:0123', undefined, 'deadbeef:0123'],
])('%s is the token of %s', (text, name, token) => expect(readNamedToken(text)).toEqual({ name, token }));

it('a named token may be sent with or without its name, a token without a name only as it is', () => {
  expect(bearersOf('ana:secret')).toEqual(['secret', 'ana:secret']);
  expect(bearersOf('secret')).toEqual(['secret']);
});
