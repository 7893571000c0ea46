import type { CustomDecorator } from '@nestjs/common';
import { routeAccess } from './route-access.js';

/**
 * Opens a route to everybody. Every route that lacks such a decorator is closed.
 *
 * @param _reason why the route may be open, for the reader
 */
export function Public(_reason: string): CustomDecorator {
  return routeAccess('public');
}
