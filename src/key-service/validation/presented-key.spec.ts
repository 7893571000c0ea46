import { presentedKey } from './presented-key.js';

describe('the key of a validation', () => {
  it.each([
    ['in the header', 'k1', undefined, false, { key: 'k1', conflict: false }],
    ['in the body', undefined, 'k1', false, { key: 'k1', conflict: false }],
    ['the same in both', 'k1', 'k1', false, { key: 'k1', conflict: false }],
    ['another one in each', 'k1', 'k2', false, { key: 'k1', conflict: true }],
    ['in the body, beside a service token', 'token', 'k1', true, { key: 'k1', conflict: false }],
    ['nowhere, with a service token', 'token', undefined, true, { key: undefined, conflict: false }],
    ['nowhere', undefined, undefined, false, { key: undefined, conflict: false }],
    ['an empty text in the body', undefined, '', false, { key: undefined, conflict: false }],
    ['null in the body', 'k1', null, false, { key: 'k1', conflict: false }],
  ])('%s', (_where, bearer, inBody, isService, expected) => {
    expect(presentedKey(bearer, { ...(inBody !== undefined && { api_key: inBody }) }, isService)).toEqual(
      expected,
    );
  });
});
