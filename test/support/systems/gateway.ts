import { startGateway, type GatewayOptions } from '../../../src/gateway/gateway.app.js';
import { startInProcess, type InProcess } from './in-process.js';

export type TestGateway = InProcess;

/**
 * Starts the gateway in this process on a free loopback port. MLflow and the auth service point at a closed port unless
 * `env` says where they are.
 */
export function startTestGateway(
  env: Record<string, string> = {},
  options: Omit<GatewayOptions, 'logDestination'> = {},
): Promise<TestGateway> {
  const defaults = {
    MLFLOW_SERVER_URL: 'http://127.0.0.1:9',
    HOKUSAI_AUTH_SERVICE_URL: 'http://127.0.0.1:9',
    CACHE_HMAC_SECRET: 'a-secret-of-all-test-gateways',
  };
  return startInProcess(startGateway, { ...defaults, ...env }, options);
}
