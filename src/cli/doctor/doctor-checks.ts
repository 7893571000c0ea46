import type { Check } from '../checks/check.js';
import type { DoctorContext, Target } from './doctor-context.js';
import { mlflowServerChecks } from './mlflow-server.checks.js';
import { networkChecks } from './network.checks.js';
import { redisCheck } from './redis.checks.js';
import { authServiceChecks, gatewayChecks } from './services.checks.js';

/** All checks of the services that were named. */
export function doctorChecks(targets: readonly Target[]): Check<DoctorContext>[] {
  return targets.flatMap((target) => [...networkChecks(target), ...ownChecks(target)]);
}

function ownChecks(target: Target): Check<DoctorContext>[] {
  switch (target.name) {
    case 'mlflow':
      return mlflowServerChecks(target);
    case 'redis':
      return [redisCheck(target)];
    case 'auth-service':
      return authServiceChecks(target);
    case 'gateway':
      return gatewayChecks(target);
    default:
      return target.name satisfies never;
  }
}
