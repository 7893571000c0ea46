import { EXIT, type ExitCode } from '../exit-codes.js';

/**
 * Everything that `verify` and `doctor` can find, by the name they print, with the exit code that it
 * leads to. `docs/cli.md` lists the same names.
 */
export const FAULTS = {
  'client-environment': EXIT.usage,
  'gateway-unreachable': EXIT.unavailable,
  'gateway-unhealthy': EXIT.unavailable,
  'bad-prefix': EXIT.failure,
  'not-the-gateway': EXIT.failure,
  'gateway-open': EXIT.failure,
  'auth-service-unreachable': EXIT.unavailable,
  'auth-service-unavailable': EXIT.unavailable,
  'auth-answer-malformed': EXIT.failure,
  'auth-services-differ': EXIT.failure,
  'contract-mismatch': EXIT.failure,
  'key-refused': EXIT.refused,
  'key-unknown': EXIT.refused,
  'key-expired': EXIT.refused,
  'key-revoked': EXIT.refused,
  'key-expires-soon': EXIT.refused,
  'scope-missing': EXIT.refused,
  'address-not-allowed': EXIT.refused,
  'permission-denied': EXIT.refused,
  'key-location-refused': EXIT.failure,
  'mlflow-unreachable': EXIT.unavailable,
  'mlflow-unhealthy': EXIT.unavailable,
  'mlflow-sign-in': EXIT.failure,
  'mlflow-host-rejected': EXIT.failure,
  'mlflow-static-prefix': EXIT.failure,
  'mlflow-keep-alive-short': EXIT.failure,
  'mlflow-api-failing': EXIT.failure,
  'artifacts-off': EXIT.failure,
  'artifacts-damaged': EXIT.failure,
  'artifacts-failing': EXIT.failure,
  'rate-limited': EXIT.rateLimited,
  'rate-limit-headers-missing': EXIT.failure,
  'redis-down': EXIT.unavailable,
  'redis-refused': EXIT.refused,
  'keep-alive-short': EXIT.failure,
  'clock-skew': EXIT.failure,
  'dns-failing': EXIT.unavailable,
  'tls-failing': EXIT.failure,
  'too-slow': EXIT.failure,
  'check-broken': EXIT.failure,
} as const satisfies Record<string, ExitCode>;

export type FaultName = keyof typeof FAULTS;
