import { parseExact } from './exact-json.js';

describe('parseExact', () => {
  it.each([
    '{"a":12345678901234567890}',
    '{"a":[-9007199254740993,0.1234567890123456789]}',
    '{"a":1,"b":"1234567890123456789"}',
  ])('comes out as it went in: %s', (text) => expect(JSON.stringify(parseExact(text))).toBe(text));

  it('reads what Python writes for NaN and infinity', () => {
    expect(JSON.stringify(parseExact('{"a":[NaN,-Infinity,1]}'))).toBe('{"a":[null,null,1]}');
    expect(() => parseExact('{"a":')).toThrow(SyntaxError);
  });
});
