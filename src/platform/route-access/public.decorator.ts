import { SetMetadata, type CustomDecorator, type ExecutionContext } from '@nestjs/common';
import type { Reflector } from '@nestjs/core';

export const PUBLIC_REASON = 'platform:public-reason';

/**
 * Opens a route to callers without an API key. Every route that lacks this word is closed.
 *
 * @param reason why the route may be open, or what guards it instead
 */
export function Public(reason: string): CustomDecorator {
  return SetMetadata(PUBLIC_REASON, reason);
}

/** Which routes are public, asked of the decorators once per route and not once per request. */
export class PublicRoutes {
  private readonly known = new WeakMap<object, WeakMap<object, boolean>>();

  constructor(private readonly reflector: Reflector) {}

  has(context: ExecutionContext): boolean {
    const controller = context.getClass();
    const handler = context.getHandler();
    let handlers = this.known.get(controller);
    if (!handlers) this.known.set(controller, (handlers = new WeakMap()));
    let isPublic = handlers.get(handler);
    if (isPublic === undefined) {
      isPublic =
        this.reflector.getAllAndOverride<unknown>(PUBLIC_REASON, [handler, controller]) !== undefined;
      handlers.set(handler, isPublic);
    }
    return isPublic;
  }
}
