import { decode, encode, openingOf, RespError } from './resp-client.js';

function read(text: string) {
  return decode(Buffer.from(text))?.value;
}

describe('encode', () => {
  it('counts bytes, not characters', () => {
    expect(encode(['AUTH', 'schlüssel'])).toBe('*2\r\n$4\r\nAUTH\r\n$10\r\nschlüssel\r\n');
  });
});

describe('decode', () => {
  it.each([
    ['+PONG\r\n', 'PONG'],
    [':42\r\n', 42],
    ['$5\r\nhello\r\n', 'hello'],
    ['$0\r\n\r\n', ''],
    ['$-1\r\n', null],
    ['*-1\r\n', []],
    ['*2\r\n$1\r\na\r\n:1\r\n', ['a', 1]],
    ['*1\r\n*1\r\n+x\r\n', [['x']]],
  ])('reads %j', (text, value) => {
    expect(read(text)).toEqual(value);
  });

  it('reads an error of the server as a value', () => {
    expect(read('-NOAUTH Authentication required.\r\n')).toEqual(
      new RespError('NOAUTH Authentication required.'),
    );
  });

  it('waits for the rest of an answer that came in pieces', () => {
    const whole = '*2\r\n$5\r\nhello\r\n:1\r\n';
    for (let length = 0; length < whole.length; length++)
      expect(read(whole.slice(0, length))).toBeUndefined();
    expect(read(whole)).toEqual(['hello', 1]);
  });

  it('refuses what is no Redis', () => {
    expect(() => read('HTTP/1.1 400 Bad Request\r\n')).toThrow('not that of a Redis server');
  });
});

describe('openingOf', () => {
  it.each([
    ['redis://h', []],
    ['redis://h/0', []],
    ['redis://h/3', [['SELECT', '3']]],
    ['redis://:p%40ss@h', [['AUTH', 'p@ss']]],
    [
      'rediss://ada:pass@h:6380/1',
      [
        ['AUTH', 'ada', 'pass'],
        ['SELECT', '1'],
      ],
    ],
  ])('for %s is %j', (url, commands) => {
    expect(openingOf(new URL(url))).toEqual(commands);
  });
});
