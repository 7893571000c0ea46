import type { ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { IncomingMessage } from 'node:http';
import type { ProblemError } from '../../lib/http/problem-error.js';
import type { Logger } from '../logging/logger.js';
import { attachContext, RequestContext } from '../request/request-context.js';
import { AdminOnly } from './admin-only.decorator.js';
import { AdminTokenGuard, AdminTokens } from './admin-token.guard.js';
import { Public } from './public.decorator.js';

const TOKENS = ['first-admin-token', 'second-admin-token'];

class Routes {
  @AdminOnly()
  admin(): void {}

  @Public('a test')
  open(): void {}

  plain(): void {}
}

const logged: string[] = [];
const logger = { warn: (event: string): void => void logged.push(event) } as unknown as Logger;

function refusalOf(
  authorization: string | undefined,
  tokens: readonly string[],
  handler: () => void = Routes.prototype.admin,
): string | undefined {
  const request = { headers: { authorization }, socket: {}, url: '/' } as unknown as IncomingMessage;
  attachContext(request, new RequestContext(request, 0, 0));
  const context = {
    getClass: () => Routes,
    getHandler: () => handler,
    getArgByIndex: () => request,
  } as unknown as ExecutionContext;
  try {
    new AdminTokenGuard(new Reflector(), new AdminTokens(tokens), logger).canActivate(context);
    return undefined;
  } catch (error) {
    return (error as ProblemError).problem;
  }
}

describe('a route marked @AdminOnly()', () => {
  it.each(TOKENS)('is opened by each configured token: %s', (token) => {
    expect(refusalOf(`Bearer ${token}`, TOKENS)).toBeUndefined();
  });

  it.each([undefined, 'Bearer wrong', 'Basic first-admin-token', 'first-admin-token', 'Bearer '])(
    'stays closed to %p',
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

  it('does not seem to exist where no token is configured', () => {
    expect(refusalOf('Bearer anything', [])).toBe('endpoint-not-found');
  });
});

describe('any other route', () => {
  it.each([Routes.prototype.open, Routes.prototype.plain])(
    'is none of the admin guard’s business: %p',
    (handler) => {
      expect(refusalOf(undefined, TOKENS, handler)).toBeUndefined();
      expect(refusalOf(undefined, [], handler)).toBeUndefined();
    },
  );
});
