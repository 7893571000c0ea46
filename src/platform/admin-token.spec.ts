import { ProblemError } from '../lib/problem-error.js';
import { requireAdminToken } from './admin-token.js';

const TOKENS = ['first-admin-token', 'second-admin-token'];

const refusalOf = (authorization: string | undefined, tokens: readonly string[]): string | undefined => {
  try {
    requireAdminToken(authorization, tokens);
    return undefined;
  } catch (error) {
    return (error as ProblemError).problem;
  }
};

describe('requireAdminToken', () => {
  it.each(TOKENS)('lets each configured token in: %s', (token) => {
    expect(refusalOf(`Bearer ${token}`, TOKENS)).toBeUndefined();
  });

  it.each([undefined, 'Bearer wrong', 'Basic first-admin-token', 'first-admin-token', 'Bearer '])(
    'refuses %p',
    (authorization) => expect(refusalOf(authorization, TOKENS)).toBe('admin-token-required'),
  );

  it('hides the route where no token is configured', () => {
    expect(refusalOf('Bearer anything', [])).toBe('endpoint-not-found');
  });
});
