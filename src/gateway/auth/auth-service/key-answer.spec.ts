import { AuthServiceError } from './auth-service.error.js';
import { parseKeyAnswer } from './key-answer.js';

const parse = (answer: unknown): ReturnType<typeof parseKeyAnswer> => parseKeyAnswer(JSON.stringify(answer));
const factsOf = (answer: object): object => {
  const parsed = parse({ valid: true, ...answer });
  if (!parsed.valid) throw new Error('not valid');
  return parsed.facts;
};

describe('a yes', () => {
  it.each([{ valid: true }, { is_valid: true }, { valid: true, is_valid: true }])('is %j', (answer) =>
    expect(parse(answer).valid).toBe(true),
  );

  it('with every member is read whole', () =>
    expect(
      parse({
        valid: true,
        key_id: 'k1',
        user_id: 'u1',
        service_id: 'ml-platform',
        environment: 'production',
        scopes: ['mlflow:access'],
        expires_at: '2027-01-01T00:00:00Z',
        allowed_ips: ['192.0.2.0/24', '2001:db8::1'],
        rate_limit_per_hour: 100,
        burst: 5,
        anything: { else: true },
      }),
    ).toEqual({
      valid: true,
      addressBound: false,
      facts: {
        keyId: 'k1',
        userId: 'u1',
        serviceId: 'ml-platform',
        environment: 'production',
        scopes: ['mlflow:access'],
        expiresAtMs: Date.UTC(2027, 0, 1),
        allowedIps: ['192.0.2.0/24', '2001:db8::1'],
        ratePerHour: 100,
        burst: 5,
      },
    }));

  it('without any other member leaves all open, for the one address', () => {
    const nothing = {
      keyId: null,
      userId: null,
      serviceId: null,
      environment: null,
      scopes: null,
      expiresAtMs: null,
      allowedIps: null,
      ratePerHour: null,
      burst: null,
    };
    expect(parse({ valid: true })).toEqual({ valid: true, addressBound: true, facts: nothing });
    expect(parse({ valid: true, allowed_ips: null })).toEqual({
      valid: true,
      addressBound: false,
      facts: nothing,
    });
  });

  it('keeps empty lists empty: no scope, no address', () =>
    expect(factsOf({ scopes: [], allowed_ips: [] })).toMatchObject({ scopes: [], allowedIps: [] }));
});

describe('a no', () => {
  it.each([
    { valid: false },
    { is_valid: false },
    { valid: true, is_valid: false },
    { valid: false, is_valid: true },
    { valid: false, scopes: 'nonsense', expires_at: 17 },
  ])('is %j', (answer) => expect(parse(answer)).toEqual({ valid: false }));
});

describe('neither yes nor no', () => {
  it.each([
    {},
    { valid: 'true' },
    { valid: 1 },
    { valid: null },
    { valid: true, is_valid: null },
    { valid: true, is_valid: 'yes' },
    { isValid: true },
    { ok: true },
    [],
    [{ valid: true }],
    null,
    true,
    'valid',
    { valid: true, key_id: 17 },
    { valid: true, key_id: 'k'.repeat(257) },
    { valid: true, user_id: {} },
    { valid: true, user_id: 'half a pair: \ud83d' },
    { valid: true, service_id: ['ml-platform'] },
    { valid: true, scopes: 'mlflow:access' },
    { valid: true, scopes: [1] },
    { valid: true, scopes: {} },
    { valid: true, allowed_ips: '192.0.2.1' },
    { valid: true, allowed_ips: ['not an address'] },
    { valid: true, allowed_ips: ['192.0.2.0/33'] },
    { valid: true, expires_at: 'tomorrow' },
    { valid: true, expires_at: '2026-13-01T00:00:00Z' },
    { valid: true, expires_at: 1_800_000_000 },
    { valid: true, expires_at: '2026-01-01' },
    { valid: true, rate_limit_per_hour: 0 },
    { valid: true, rate_limit_per_hour: -1 },
    { valid: true, rate_limit_per_hour: 1.5 },
    { valid: true, rate_limit_per_hour: '100' },
    { valid: true, burst: 0 },
    { valid: true, burst: false },
  ])('is %j', (answer) => {
    expect(() => parse(answer)).toThrow(AuthServiceError);
    expect(() => parse(answer)).toThrow(/^malformed/);
  });

  it.each(['{"__proto__":{"valid":true}}', '{"constructor":{"valid":true}}', '{"toString":true}'])(
    'is %s: nothing is inherited',
    (text) => expect(() => parseKeyAnswer(text)).toThrow(/^malformed/),
  );

  it.each(['{"valid":true,"burst":NaN}', '{"valid":true,"rate_limit_per_hour":1e400}'])('is %s', (text) =>
    expect(() => parseKeyAnswer(text)).toThrow(/^malformed/),
  );

  it.each(['', '<html>Sign in</html>', '{"valid": true', 'null', '"ok"', '{"valid":true}{}'])(
    'is %j',
    (text) => expect(() => parseKeyAnswer(text)).toThrow(/^malformed/),
  );
});

describe('what an answer that cannot be read says about the service', () => {
  const faultOf = (text: string): AuthServiceError => {
    try {
      parseKeyAnswer(text);
    } catch (error) {
      return error as AuthServiceError;
    }
    throw new Error('it was read');
  };

  it.each([
    { rate_limit_per_hour: 0 },
    { expires_at: '' },
    { allowed_ips: ['*'] },
    { user_id: 5 },
    { scopes: 'mlflow:access' },
    { burst: false },
  ])('it is up where the answer is a yes with the odd member %j', (member) => {
    const fault = faultOf(JSON.stringify({ valid: true, ...member }));
    expect(fault).toMatchObject({ fault: 'malformed', ofOneKey: true, unhealthy: false });
    expect(fault.detail).toBe(Object.keys(member)[0]);
  });

  it.each(['<html>', '', '[]', 'null', '{}', '{"valid":"true"}', '{"valid":true,"is_valid":1}'])(
    'it is ill where the answer is %j',
    (text) => expect(faultOf(text)).toMatchObject({ fault: 'malformed', ofOneKey: false, unhealthy: true }),
  );
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
  ])('%s, without a zone as UTC', (text, timeMs) =>
    expect(factsOf({ expires_at: text })).toMatchObject({ expiresAtMs: timeMs }),
  );
});
