import type { ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { Public } from '../../platform/route-access/public.decorator.js';
import { RouteAccesses } from '../../platform/route-access/route-access.js';
import type { Logger } from '../../platform/logging/logger.js';
import type { AdminFailures } from './admin-failures.js';
import { AdminGuard } from './admin.guard.js';
import type { CallerTokens } from './caller-tokens.js';

class Routes {
  @Public('for a reason')
  open(): void {}

  @Public('')
  openWithoutReason(): void {}

  closed(): void {}
}

function contextOf(handler: () => void): ExecutionContext {
  const http = {
    getRequest: () => ({ headers: {} }),
    getResponse: () => ({ setHeader: () => undefined }),
  };
  return {
    getClass: () => Routes,
    getHandler: () => handler,
    switchToHttp: () => http,
  } as unknown as ExecutionContext;
}

const routes = new Routes();

it.each([routes.open, routes.openWithoutReason, routes.closed])(
  'the key service and the gateway agree on whether a route is public: %p',
  (handler) => {
    const reflector = new Reflector();
    const failures = { retryAfterSeconds: () => 1 } as unknown as AdminFailures;
    const guard = new AdminGuard(reflector, {} as CallerTokens, failures, {} as Logger);
    let open = false;
    try {
      open = guard.canActivate(contextOf(handler));
    } catch {
      // Closed.
    }
    expect(open).toBe(new RouteAccesses(reflector).of(contextOf(handler)) === 'public');
    expect(open).toBe(handler !== Routes.prototype.closed);
  },
);
