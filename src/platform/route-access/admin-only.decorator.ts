import type { CustomDecorator } from '@nestjs/common';
import { routeAccess } from './route-access.js';

/** Opens a route to holders of an admin token. Without a configured token the route does not exist. */
export function AdminOnly(): CustomDecorator {
  return routeAccess('admin-token');
}
