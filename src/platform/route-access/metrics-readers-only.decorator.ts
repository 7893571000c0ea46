import { applyDecorators, UseGuards } from '@nestjs/common';
import { MetricsTokenGuard } from './metrics-token.guard.js';
import { routeAccess } from './route-access.js';

/** Opens a route to holders of `METRICS_TOKEN`, and to everybody where that is not set. It brings its guard along. */
export function MetricsReadersOnly(): MethodDecorator {
  return applyDecorators(routeAccess('metrics-token'), UseGuards(MetricsTokenGuard));
}
