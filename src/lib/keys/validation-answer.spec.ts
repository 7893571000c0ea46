import { EVERY_FACT } from '../../../test/support/lib/stated-facts.js';
import { KEY_FACTS } from '../../contracts/keys/key-facts.js';
import { factTimeMs, readValidationAnswer, saysKeyRequired, stringMember } from './validation-answer.js';

const read = (answer: unknown): ReturnType<typeof readValidationAnswer> =>
  readValidationAnswer(JSON.stringify(answer));
const factsOf = (said: object): object => {
  const answer = read({ valid: true, ...said });
  if (answer.kind !== 'valid') throw new Error(answer.kind);
  return answer.facts;
};
const NOTHING_SAID = Object.fromEntries(Object.keys(KEY_FACTS).map((name) => [name, null]));

describe('a yes', () => {
  it.each([{ valid: true }, { is_valid: true }, { valid: true, is_valid: true }])('is %j', (answer) =>
    expect(read(answer).kind).toBe('valid'),
  );

  it('with every fact is read completely, and other members are ignored', () => {
    expect(read({ valid: true, ...EVERY_FACT, anything: { else: true } })).toEqual({
      kind: 'valid',
      addressBound: false,
      facts: EVERY_FACT,
    });
  });

  it('without any fact leaves all open, for the one address', () => {
    expect(read({ valid: true })).toEqual({ kind: 'valid', addressBound: true, facts: NOTHING_SAID });
    expect(read({ valid: true, allowed_ips: null })).toEqual({
      kind: 'valid',
      addressBound: false,
      facts: NOTHING_SAID,
    });
  });

  it('keeps empty lists empty: no scope, no address', () =>
    expect(factsOf({ scopes: [], allowed_ips: [] })).toMatchObject({ scopes: [], allowed_ips: [] }));

  it.each([
    [17, '17'],
    [0, '0'],
    [-3, '-3'],
    [Number.MAX_SAFE_INTEGER, '9007199254740991'],
    ['017', '017'],
  ])('with the id %j reads it as the text %j', (id, text) =>
    expect(factsOf({ key_id: id, user_id: id })).toMatchObject({ key_id: text, user_id: text }),
  );
});

it.each([
  { valid: false },
  { is_valid: false },
  { valid: true, is_valid: false },
  { valid: false, is_valid: true },
  { valid: false, scopes: 'nonsense', expires_at: 17 },
])('a no is %j', (answer) => expect(read(answer)).toEqual({ kind: 'refused' }));

describe('neither yes nor no', () => {
  it.each([
    {},
    { valid: 'true' },
    { valid: 1 },
    { valid: null },
    { valid: true, is_valid: null },
    { valid: true, is_valid: 'yes' },
    { valid: false, is_valid: 'no' },
    { isValid: true },
    { ok: true },
    [],
    [{ valid: true }],
    null,
    'yes',
  ])('is %j', (answer) => {
    const found = read(answer);
    expect(found.kind).toBe('unreadable');
    expect(found).not.toHaveProperty('member');
  });

  it.each([
    '',
    '<html>Sign in</html>',
    '{"valid": true',
    'null',
    '"ok"',
    '{"valid":true}{}',
    '{"__proto__":{"valid":true}}',
    '{"constructor":{"valid":true}}',
    '{"toString":true}',
    '{"valid":true,"burst":NaN}',
  ])('is the text %j', (text) => {
    const found = readValidationAnswer(text);
    expect(found.kind).toBe('unreadable');
    expect(found).not.toHaveProperty('member');
  });
});

describe('a valid key with an unreadable fact does not count as valid, and the fact is named', () => {
  it.each([
    { key_id: {} },
    { key_id: true },
    { key_id: 1.5 },
    { key_id: 2 ** 53 },
    { user_id: 'x'.repeat(257) },
    { user_id: '\ud800' },
    { service_id: 5 },
    { environment: ['production'] },
    { scopes: 'mlflow:access' },
    { scopes: [1] },
    { scopes: Array.from({ length: 1025 }, () => 'x') },
    { allowed_ips: '192.0.2.1' },
    { allowed_ips: ['*'] },
    { allowed_ips: ['192.0.2.0/33'] },
    { expires_at: '' },
    { expires_at: 'tomorrow' },
    { expires_at: '2026-13-01T00:00:00Z' },
    { expires_at: 1_800_000_000 },
    { expires_at: '2026-01-01' },
    { rate_limit_per_hour: 0 },
    { rate_limit_per_hour: -1 },
    { rate_limit_per_hour: 1.5 },
    { rate_limit_per_hour: '100' },
    { burst: 0 },
    { burst: false },
  ])('%j', (member) =>
    expect(read({ valid: true, ...member })).toMatchObject({
      kind: 'unreadable',
      member: Object.keys(member)[0],
    }),
  );

  it('also a number that JSON.parse reads as infinite', () =>
    expect(readValidationAnswer('{"valid":true,"rate_limit_per_hour":1e400}')).toMatchObject({
      member: 'rate_limit_per_hour',
    }));
});

it.each([
  ['{"valid":false,"valid":true}', 'valid'],
  ['{"valid":true,"valid":true}', 'valid'],
  ['{"valid":true,"\\u0076alid":true}', 'valid'],
  ['{"valid":true,"scopes":[],"scopes":["mlflow:access"]}', 'scopes'],
  ['{"valid":true,"user_id":"u1","user_id":"u2"}', 'user_id'],
  ['{"valid":false,"user_id":"u1","user_id":"u2"}', 'user_id'],
  ['{"valid":true,"nested":{"a":1,"a":2}}', 'a'],
])('an answer with the same member twice decides nothing: %s', (text, member) =>
  expect(readValidationAnswer(text)).toMatchObject({ kind: 'unreadable', member }),
);

it('what is said of an unreadable answer holds nothing of it but the name of a member', () => {
  const found = read({ valid: true, burst: 'a-secret' });
  expect(found).toEqual({
    kind: 'unreadable',
    what: 'has a "burst" that is not a positive integer',
    member: 'burst',
  });
});

describe('a time is read', () => {
  it.each([
    ['2026-11-21T10:00:00Z', Date.UTC(2026, 10, 21, 10)],
    ['2026-11-21T10:00:00.250Z', Date.UTC(2026, 10, 21, 10, 0, 0, 250)],
    ['2026-11-21T10:00:00.123456+00:00', Date.UTC(2026, 10, 21, 10, 0, 0, 123)],
    ['2026-11-21t10:00:00z', Date.UTC(2026, 10, 21, 10)],
    ['2026-11-21T12:00:00+02:00', Date.UTC(2026, 10, 21, 10)],
    ['2026-11-21T10:00:00', Date.UTC(2026, 10, 21, 10)],
    ['2026-11-21 10:00:00.5', Date.UTC(2026, 10, 21, 10, 0, 0, 500)],
  ])('%s, without a zone as UTC', (text, timeMs) => {
    expect(factTimeMs(text)).toBe(timeMs);
    expect(factsOf({ expires_at: text })).toMatchObject({ expires_at: text });
  });
});

it.each([
  ['{"detail":"API key required"}', true],
  ['{"detail":" API key required\\n"}', true],
  ['{"detail":"Invalid or expired API key"}', false],
  ['{"message":"API key required"}', false],
  ['<p>API key required</p>', false],
  ['null', false],
  ['[]', false],
  ['', false],
])('a 401 with %j says that the key was looked for elsewhere: %s', (text, expected) =>
  expect(saysKeyRequired(text)).toBe(expected),
);

it.each([
  ['{"error_code":"A"}', 'A'],
  ['{"error_code":7}', undefined],
  ['{"detail":"A"}', undefined],
  ['{', undefined],
])('of the body %j the error code is %p', (text, code) =>
  expect(stringMember(text, 'error_code')).toBe(code),
);
