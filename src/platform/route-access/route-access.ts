import type { CustomDecorator, ExecutionContext } from '@nestjs/common';
import type { Reflector } from '@nestjs/core';

/**
 * What a route asks of its caller. One without a decorator asks for `credential`: what the guards of its
 * program ask for, an API key in front of MLflow, an admin token at the key service.
 */
export type RouteAccess = 'credential' | 'public' | 'admin-token' | 'metrics-token';

const ROUTE_ACCESS = 'platform:route-access';

/**
 * @throws Error if a route or controller already has another such decorator, because they would contradict each other
 */
export function routeAccess(access: Exclude<RouteAccess, 'credential'>): CustomDecorator {
  const decorate = (target: object, property?: string | symbol, descriptor?: PropertyDescriptor): void => {
    const decorated = (descriptor?.value ?? target) as object;
    const before = Reflect.getOwnMetadata(ROUTE_ACCESS, decorated) as RouteAccess | undefined;
    if (before !== undefined)
      throw new Error(
        `${String(property ?? 'the controller')}: is ${before} already and cannot be ${access} too`,
      );
    Reflect.defineMetadata(ROUTE_ACCESS, access, decorated);
  };
  return Object.assign(decorate, { KEY: ROUTE_ACCESS });
}

/** What the decorators of a handler and its controller say; the handler's own comes first. */
export function accessOf(reflector: Reflector, handler: object, controller: object): RouteAccess {
  const targets = [handler, controller] as Parameters<Reflector['getAllAndOverride']>[1];
  return reflector.getAllAndOverride<RouteAccess | undefined>(ROUTE_ACCESS, targets) ?? 'credential';
}

/**
 * What routes ask of their callers; the decorators are read once a route and not once a request. Nearly all requests
 * are for the route of the one before.
 *
 * Hot path: docs/decisions/0021-nothing-waits-or-is-done-twice.md.
 */
export class RouteAccesses {
  private readonly known = new WeakMap<object, WeakMap<object, RouteAccess>>();
  private last: { controller: object; handler: object; access: RouteAccess } | undefined;

  constructor(private readonly reflector: Reflector) {}

  of(context: ExecutionContext): RouteAccess {
    const controller = context.getClass();
    const handler = context.getHandler();
    const { last } = this;
    if (last !== undefined && last.handler === handler && last.controller === controller) return last.access;
    const access = this.lookUp(controller, handler);
    this.last = { controller, handler, access };
    return access;
  }

  private lookUp(controller: object, handler: object): RouteAccess {
    let handlers = this.known.get(controller);
    if (!handlers) this.known.set(controller, (handlers = new WeakMap()));
    let access = handlers.get(handler);
    if (access === undefined) handlers.set(handler, (access = accessOf(this.reflector, handler, controller)));
    return access;
  }
}
