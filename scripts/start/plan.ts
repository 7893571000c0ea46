import { resolve } from 'node:path';
import { LOOPBACK } from './ports.ts';
import { StartError } from './terminal.ts';

/** What is to run: parts of the system that a setting names are used, the others are started. */
export interface Plan {
  readonly root: string;
  readonly dataDir: string;
  readonly gatewayPort: number;
  readonly gatewayUrl: string;
  /** Where keys are validated and made. */
  readonly authServiceUrl: string;
  /** Undefined where someone else's auth service is used. */
  readonly keyServicePort: number | undefined;
  /** Undefined where an MLflow of our own is started. */
  readonly mlflowServerUrl: string | undefined;
}

type Env = Readonly<Record<string, string | undefined>>;

/**
 * Reads `PORT`, `KEY_SERVICE_PORT`, `DATA_DIR`, `MLFLOW_SERVER_URL` and `HOKUSAI_AUTH_SERVICE_URL`.
 *
 * @throws StartError naming the variable that is wrong
 */
export function readPlan(env: Env, root: string): Plan {
  const gatewayPort = port(env, 'PORT', 8001);
  const authServiceUrl = value(env, 'HOKUSAI_AUTH_SERVICE_URL');
  const keyServicePort = authServiceUrl === undefined ? port(env, 'KEY_SERVICE_PORT', 8000) : undefined;
  if (gatewayPort === keyServicePort)
    throw new StartError('PORT and KEY_SERVICE_PORT must not be the same port.', 2);
  return {
    root,
    dataDir: resolve(root, value(env, 'DATA_DIR') ?? '.data'),
    gatewayPort,
    gatewayUrl: `http://${LOOPBACK}:${gatewayPort}`,
    authServiceUrl: authServiceUrl?.replace(/\/+$/, '') ?? `http://${LOOPBACK}:${keyServicePort}`,
    keyServicePort,
    mlflowServerUrl: value(env, 'MLFLOW_SERVER_URL'),
  };
}

function value(env: Env, name: string): string | undefined {
  return env[name]?.trim() || undefined;
}

function port(env: Env, name: string, fallback: number): number {
  const text = value(env, name);
  if (text === undefined) return fallback;
  const number = Number(text);
  if (!/^\d+$/.test(text) || number < 1 || number > 65_535)
    throw new StartError(`${name} must be a port, a whole number from 1 to 65535.`, 2);
  return number;
}
