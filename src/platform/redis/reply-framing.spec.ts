import { MAX_REPLY_BYTES, MalformedReplyError, ReplyFraming } from './reply-framing.js';

const push = (text: string): string | undefined => new ReplyFraming().push(Buffer.from(text))?.toString();

const WHOLE = [
  '+PONG\r\n',
  '+\r\n',
  '-ERR unknown command\r\n',
  ':-42\r\n',
  '$5\r\nhello\r\n',
  '$2\r\n\r\n\r\n',
  '$0\r\n\r\n',
  '$-1\r\n',
  '*-1\r\n',
  '*0\r\n',
  '*2\r\n$1\r\na\r\n:1\r\n',
  '*2\r\n*1\r\n+x\r\n*0\r\n',
];

describe('replies', () => {
  it.each(WHOLE)('that are whole pass: %j', (text) => expect(push(text)).toBe(text));

  it.each(WHOLE)('wait until they are, wherever they are cut: %j', (text) => {
    for (let cut = 1; cut < text.length; cut++) {
      const framing = new ReplyFraming();
      expect(framing.push(Buffer.from(text.slice(0, cut)))).toBeUndefined();
      expect(framing.push(Buffer.from(text.slice(cut)))?.toString()).toBe(text);
    }
  });

  it('pass if they are complete, and the rest together with the following bytes', () => {
    const framing = new ReplyFraming();
    expect(framing.push(Buffer.from(':1\r\n:2\r\n$3\r\na'))?.toString()).toBe(':1\r\n:2\r\n');
    expect(framing.push(Buffer.from('bc\r\n'))?.toString()).toBe('$3\r\nabc\r\n');
  });
});

it.each([
  ['another protocol', 'HTTP/1.1 400 Bad Request\r\n'],
  ['types of RESP3', '%1\r\n+a\r\n+b\r\n'],
  ['a line that ends elsewhere', '+PONG\rX'],
  ['no number', ':\r\n'],
  ['a number that is none', ':1a\r\n'],
  ['a number without an end', `:${'1'.repeat(20)}\r\n`],
  ['a length that is none', '$x\r\n'],
  ['a length below -1', '$-2\r\n'],
  ['a length beyond bounds', `$${MAX_REPLY_BYTES + 1}\r\n`],
  ['an array beyond bounds', `*${MAX_REPLY_BYTES}\r\n`],
  ['a string that is longer', '$1\r\nab\r\n'],
  ['an array in an array, and so on', '*1\r\n'.repeat(9)],
  ['an element without a type', '*1\r\nhello\r\n'],
  ['a line without an end', `+${'x'.repeat(70_000)}`],
])('%s is refused as a reply', (_what, text) => expect(() => push(text)).toThrow(MalformedReplyError));

it('a reply that never ends is given up', () => {
  const framing = new ReplyFraming();
  const part = Buffer.from(`$1000000\r\n${'x'.repeat(1_000_000)}\r\n`);
  framing.push(Buffer.from('*100\r\n'));
  expect(() => {
    for (let i = 0; i < 100; i++) framing.push(part);
  }).toThrow('too long');
});
