import type { IncomingMessage } from 'node:http';
import { ProblemError } from '../../lib/problem-error.js';
import { requireAdminToken } from './admin-token.js';
import { attachContext, RequestContext } from '../request/request-context.js';

const TOKENS = ['first-admin-token', 'second-admin-token'];

const logged: string[] = [];
const logger = { warn: (event: string): void => void logged.push(event) };

const refusalOf = (authorization: string | undefined, tokens: readonly string[]): string | undefined => {
  const request = { headers: { authorization }, socket: {}, url: '/' } as unknown as IncomingMessage;
  attachContext(request, new RequestContext(request, 0, 0));
  try {
    requireAdminToken(request, tokens, logger);
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

  it('logs a wrong token, without it, and no missing one', () => {
    logged.length = 0;
    refusalOf(undefined, TOKENS);
    refusalOf(`Bearer ${TOKENS[0]}`, TOKENS);
    expect(logged).toEqual([]);
    refusalOf('Bearer wrong', TOKENS);
    expect(logged).toEqual(['admin_auth_failed']);
  });

  it('hides the route where no token is configured', () => {
    expect(refusalOf('Bearer anything', [])).toBe('endpoint-not-found');
  });
});
