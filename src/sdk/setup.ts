import { AuthClient } from './auth/auth-client.js';
import { GatewayClient } from './auth/gateway-client.js';
import { AuthenticationError, ConfigurationError } from './errors.js';
import type { CallOptions } from './http/transport.types.js';
import { ExperimentManager } from './mlflow/experiment-manager.js';
import { MlflowClient } from './mlflow/mlflow-client.js';
import { ModelRegistry } from './mlflow/model-registry.js';
import { MockMlflow } from './mock/mock-mlflow.js';
import { resolveSettings, type SdkOptions } from './settings.js';

export interface SetupOptions extends SdkOptions {
  /** Ask the authentication service about the key before anything else; default false. */
  readonly validateWithAuthService?: boolean | undefined;
}

/** The clients, sharing one configuration. */
export interface Hokusai {
  readonly auth: AuthClient;
  readonly gateway: GatewayClient;
  readonly mlflow: MlflowClient;
  readonly registry: ModelRegistry;
  readonly experiments: ExperimentManager;
}

/**
 * Checks the configuration and gives the clients.
 *
 * @throws ConfigurationError with all problems at once; with `validateWithAuthService` also AuthenticationError for a
 *   refused key, or the error because of which there was no verdict: it never fails open
 */
export async function setup(options: SetupOptions = {}, call: CallOptions = {}): Promise<Hokusai> {
  const { mock } = resolveSettings(options, { needsApiKey: true });
  if (options.validateWithAuthService && mock)
    throw new ConfigurationError([
      'validateWithAuthService must be off in mock mode, which has no such service',
    ]);
  const hokusai = clientsOf(options);
  if (options.validateWithAuthService) {
    const verdict = await hokusai.auth.validate(undefined, call);
    if (!verdict.valid) throw new AuthenticationError(verdict.detail, { status: 401 });
  }
  return hokusai;
}

/**
 * Clients on an MLflow in memory, empty and of their own; announced once on the console. The authentication service and
 * the gateway have no mock, because an invented yes proves nothing: `auth` and `gateway` speak to the real ones.
 */
export function createMock(options: Omit<SdkOptions, 'mock' | 'fetch'> = {}): Hokusai {
  const auth = new AuthClient(options);
  const gateway = new GatewayClient(options);
  const { mlflow, registry, experiments } = clientsOf({
    ...options,
    mock: true,
    fetch: new MockMlflow().fetch,
  });
  return { auth, gateway, mlflow, registry, experiments };
}

function clientsOf(options: SdkOptions): Hokusai {
  const mlflow = new MlflowClient(options);
  return {
    auth: new AuthClient(options),
    gateway: new GatewayClient(options),
    mlflow,
    registry: new ModelRegistry(mlflow),
    experiments: new ExperimentManager(mlflow),
  };
}
