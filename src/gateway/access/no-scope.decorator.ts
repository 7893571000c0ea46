const ROUTES = new WeakSet<object>();

/**
 * Marks a route of the gateway's own, below a mount of MLflow, that every valid key opens whatever its scopes.
 *
 * @param _reason why no scope is asked for, for the reader
 */
export function NeedsNoScope(_reason: string): MethodDecorator {
  return (_target, _property, descriptor) => {
    ROUTES.add(descriptor.value as object);
  };
}

/** @param handler of the route */
export function needsNoScope(handler: object): boolean {
  return ROUTES.has(handler);
}
