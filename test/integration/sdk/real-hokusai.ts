import { setup, type Hokusai, type SetupOptions } from '../../../src/sdk/index.js';
import { startFakeAuthService } from '../../support/servers/fake-auth-service.js';
import { startTestGateway } from '../../support/systems/gateway.js';
import { sharedMlflow } from '../../support/mlflow/mlflow-server.js';

export interface RealHokusai {
  readonly hokusai: Hokusai;
  readonly options: SetupOptions;
  close(): Promise<void>;
}

const API_KEY = 'hk_test_sdk_integration_0123456789ab';

/** The SDK on a gateway of its own, in front of the run's real MLflow. */
export async function startRealHokusai(): Promise<RealHokusai> {
  // One after the other: where MLflow does not start, nothing is left running.
  const mlflow = await sharedMlflow();
  const auth = await startFakeAuthService();
  auth.know(API_KEY, { valid: true, key_id: 'sdk', rate_limit_per_hour: 1_000_000, burst: 100_000 });
  const gateway = await startTestGateway({
    MLFLOW_SERVER_URL: mlflow.url,
    HOKUSAI_AUTH_SERVICE_URL: auth.url,
  });
  const options = {
    apiKey: API_KEY,
    trackingUri: `${gateway.url}/api/mlflow`,
    authServiceUrl: auth.url,
    env: {},
  };
  return {
    options,
    hokusai: await setup({ ...options, validateWithAuthService: true }),
    async close() {
      await gateway.close();
      await auth.close();
    },
  };
}
