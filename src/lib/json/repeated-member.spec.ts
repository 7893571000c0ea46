import { repeatedMember } from './repeated-member.js';

it.each([
  ['{"a":1,"a":2}', 'a'],
  ['{"valid":false,"x":[],"valid":true}', 'valid'],
  ['{"valid":false, "\\u0076alid" : true}', 'valid'],
  ['{"a":{"b":1,"b":1}}', 'b'],
  ['[{"a":1},{"b":[{"c":1,"c":2}]}]', 'c'],
  ['{"a":{"a":{}},"a":1}', 'a'],
  ['{"__proto__":1,"__proto__":2}', '__proto__'],
  ['{"":1,"":2}', ''],
  ['{"a\\"b":1,"a\\"b":2}', 'a"b'],
])('%s has %j twice', (json, name) => {
  JSON.parse(json);
  expect(repeatedMember(json)).toBe(name);
});

it.each([
  '{}',
  '[]',
  '"a"',
  '17',
  '{"a":"a","b":"a"}',
  '{"a":{"a":1},"b":{"a":1}}',
  '[{"a":1},{"a":1}]',
  '{"a":"\\",\\"a\\":","b":1}',
  '{"a":["a","a"],"b":[[],"a"]}',
  '{"a":"{\\"a\\":1}"}',
  '{"a\\\\":1,"a":2}',
  '{"A":1,"a":2}',
])('%s has every member once', (json) => {
  JSON.parse(json);
  expect(repeatedMember(json)).toBeUndefined();
});

it('a long text costs time in proportion to its length', () => {
  const json = JSON.stringify({ a: '\\"'.repeat(2_000_000), b: [[[[{}]]]] });
  const startedAt = performance.now();
  expect(repeatedMember(json)).toBeUndefined();
  expect(performance.now() - startedAt).toBeLessThan(2000);
});
