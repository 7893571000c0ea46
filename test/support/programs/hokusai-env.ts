import { TEST_ADMIN_TOKEN } from '../systems/key-service.js';

/** Gateway and key service that a command line is pointed at. */
export interface Servers {
  readonly gateway: { readonly url: string };
  readonly keyService: { readonly url: string };
}

/** What a key administrator has in the environment. */
export function adminEnv({ keyService }: Pick<Servers, 'keyService'>): Record<string, string> {
  return { HOKUSAI_AUTH_SERVICE_URL: keyService.url, HOKUSAI_ADMIN_TOKEN: TEST_ADMIN_TOKEN };
}

/** What a user of MLflow has in the environment. */
export function clientEnv({ gateway, keyService }: Servers, apiKey: string): Record<string, string> {
  return {
    HOKUSAI_AUTH_SERVICE_URL: keyService.url,
    MLFLOW_TRACKING_URI: `${gateway.url}/api/mlflow`,
    MLFLOW_TRACKING_TOKEN: apiKey,
  };
}
