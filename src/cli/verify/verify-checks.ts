import type { Check } from '../checks/check.js';
import { contractChecks } from './auth-service.checks.js';
import { clientEnvironment } from './client-environment.check.js';
import { trackingUri } from './tracking-uri.check.js';
import { gatewayHealth, mlflowHealth, trackingPath } from './gateway.checks.js';
import { keyAtGateway, keyLocations, queryLocation } from './key.checks.js';
import { latency, rateLimitHeaders, redisOfGateway } from './limits.checks.js';
import { artifactRoundTrip, experimentsSearch } from './mlflow.checks.js';
import type { VerifyContext } from './verify-context.js';

/** All checks, causes before their effects: the first failure is the one to look at. */
export const VERIFY_CHECKS: readonly Check<VerifyContext>[] = [
  trackingUri,
  gatewayHealth,
  trackingPath,
  redisOfGateway,
  mlflowHealth,
  ...contractChecks,
  keyAtGateway,
  ...keyLocations,
  queryLocation,
  experimentsSearch,
  artifactRoundTrip,
  rateLimitHeaders,
  clientEnvironment,
  latency,
];
