import { parseValidation, refusalDetail, saysKeyRequired } from './key-validation.js';

const parse = (body: unknown): unknown => parseValidation(JSON.stringify(body), 'ml-platform');

describe('a verdict', () => {
  it.each([{ valid: true }, { is_valid: true }, { valid: true, is_valid: true }])('of %j is yes', (body) => {
    expect(parse(body)).toMatchObject({ valid: true, scopes: ['mlflow:access'], expires_at: null });
  });

  it.each([
    { valid: false },
    { is_valid: false },
    { valid: true, is_valid: false },
    { valid: true, service_id: 'another' },
  ])('of %j is no', (body) => {
    expect(parse(body)).toMatchObject({ valid: false });
  });

  it.each([
    {},
    [],
    null,
    'yes',
    { valid: 'true' },
    { valid: 1 },
    { valid: null },
    { valid: true, is_valid: 'no' },
    { valid: true, scopes: 'all' },
    { valid: true, scopes: [1] },
    { valid: true, rate_limit_per_hour: 0 },
    { valid: true, burst: 1.5 },
    { valid: true, key_id: 7 },
  ])('of %j is none: it is an error', (body) => {
    expect(() => parse(body)).toThrow(expect.objectContaining({ name: 'UnexpectedResponseError' }));
  });

  it('of a web page is an error', () => {
    expect(() => parseValidation('<html>', 'ml-platform')).toThrow('is not JSON');
  });

  it('keeps an empty list of scopes or addresses, which allows nothing', () => {
    expect(parse({ valid: true, scopes: [], allowed_ips: [] })).toMatchObject({
      scopes: [],
      allowed_ips: [],
    });
  });
});

it('a refusal without a readable text is a refusal all the same', () => {
  expect(refusalDetail('{"detail":"Key revoked"}')).toBe('Key revoked');
  for (const text of ['', '<html>', 'null', '{"detail":[]}'])
    expect(refusalDetail(text)).toBe('Invalid or expired API key');
});

it('only "API key required" says that the other contract is spoken', () => {
  expect(saysKeyRequired('{"detail":"API key required"}')).toBe(true);
  expect(saysKeyRequired('{"detail":"Invalid or expired API key"}')).toBe(false);
});
