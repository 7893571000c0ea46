import { readStrictJson, type JsonObject } from '../../../lib/json/strict-json.js';
import { rebuiltBody } from './rebuilt-body.js';

const rebuilt = (text: string, members: Parameters<typeof rebuiltBody>[1]): string | undefined => {
  const read = readStrictJson(Buffer.from(text)) as { value: JsonObject };
  return rebuiltBody(read.value, members)?.toString();
};

describe('rebuiltBody', () => {
  it('puts the new members first, and drops the old ones in both spellings', () => {
    expect(rebuilt('{"max_results":5,"experimentIds":["1","2"]}', { experiment_ids: ['1'] })).toBe(
      '{"experiment_ids":["1"],"max_results":5}',
    );
    expect(rebuilt('{"pageToken":"x","a":{"b":[1,null]}}', { page_token: undefined })).toBe(
      '{"a":{"b":[1,null]}}',
    );
  });

  it('keeps what it does not know, and names that mean something to JavaScript', () => {
    expect(rebuilt('{"__proto__":{"x":1},"later":true}', { filter: 'a' })).toBe(
      '{"filter":"a","__proto__":{"x":1},"later":true}',
    );
  });

  it.each(['NaN', '-Infinity', '1e999', '12345678901234567890'])('cannot write %s as it was', (number) => {
    expect(rebuilt(`{"a":[{"b":${number}}]}`, {})).toBeUndefined();
  });
});
