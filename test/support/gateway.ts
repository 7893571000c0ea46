import 'reflect-metadata';
import type { INestApplication } from '@nestjs/common';
import { startGateway, type GatewayOptions } from '../../src/gateway/gateway.app.js';
import { LogCapture } from './log-capture.js';

export interface TestGateway {
  /** `http://127.0.0.1:port` */
  readonly url: string;
  readonly app: INestApplication;
  readonly logs: LogCapture;
  /** @param timeoutMs how long what is under way may take; default 1,000 */
  close(timeoutMs?: number): Promise<void>;
}

/**
 * Starts the gateway in this process on a free loopback port. Nothing is taken from the environment of
 * the test run; MLflow and the auth service point at a closed port unless `env` says where they are.
 */
export async function startTestGateway(
  env: Record<string, string> = {},
  options: Omit<GatewayOptions, 'logDestination'> = {},
): Promise<TestGateway> {
  const logs = new LogCapture();
  const { server } = await startGateway(
    {
      HOST: '127.0.0.1',
      PORT: '0',
      MLFLOW_SERVER_URL: 'http://127.0.0.1:9',
      HOKUSAI_AUTH_SERVICE_URL: 'http://127.0.0.1:9',
      CACHE_HMAC_SECRET: 'a-secret-of-all-test-gateways',
      ...env,
    },
    { ...options, logDestination: logs },
  );
  return {
    url: server.url,
    app: server.app,
    logs,
    close: (timeoutMs = 1000) => server.close({ timeoutMs }),
  };
}
