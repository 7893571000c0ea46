import { parseValidation, refusalDetail } from './key-validation.js';

const parse = (body: unknown): unknown => parseValidation(JSON.stringify(body), 'ml-platform');

it('a valid key has the default scope if the service named none, and keeps an empty list', () => {
  expect(parse({ valid: true })).toMatchObject({ valid: true, scopes: ['mlflow:access'], expires_at: null });
  expect(parse({ valid: true, scopes: [], allowed_ips: [] })).toMatchObject({ scopes: [], allowed_ips: [] });
});

it.each([
  [{ valid: false }, 'Invalid or expired API key'],
  [{ valid: true, service_id: 'another' }, 'The key is for another service than ml-platform'],
  [
    { valid: true, service_id: 'ml-platform', service_ids: ['another'] },
    'The key is for another service than ml-platform',
  ],
])('%j is a no: %s', (body, detail) => expect(parse(body)).toEqual({ valid: false, detail }));

it.each([
  ['{"valid":"yes"}', 'has no boolean "valid"'],
  ['<html>', 'is not JSON'],
  ['{"valid":true,"burst":1.5}', 'has a "burst" that is not a positive integer'],
])('%s is an error that says what is wrong, and not a verdict', (text, what) => {
  const parsed = (): unknown => parseValidation(text, 'ml-platform');
  expect(parsed).toThrow(expect.objectContaining({ name: 'UnexpectedResponseError' }));
  expect(parsed).toThrow(what);
});

it('a refusal without a readable text is still a refusal', () => {
  expect(refusalDetail('{"detail":"Key revoked"}')).toBe('Key revoked');
  for (const text of ['', '<html>', 'null', '{"detail":[]}', '{"detail":" "}'])
    expect(refusalDetail(text)).toBe('Invalid or expired API key');
});

it('a key for several services is good for each of them', () => {
  const answer = { valid: true, service_id: 'another', service_ids: ['another', 'ml-platform'] };
  expect(parse(answer)).toMatchObject({ valid: true, service_ids: ['another', 'ml-platform'] });
});
