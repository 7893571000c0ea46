import { AuthClient } from './auth-client.js';
import { AuthenticationError, ConfigurationError } from './errors.js';
import type { CallOptions } from './http-transport.js';
import { resolveSettings, type SdkOptions } from './settings.js';

export interface SetupOptions extends SdkOptions {
  /** Ask the authentication service about the key before anything else; default false. */
  readonly validateWithAuthService?: boolean | undefined;
}

/** The clients, sharing one configuration. */
export interface Hokusai {
  readonly auth: AuthClient;
}

/**
 * Checks the configuration and gives the clients.
 *
 * @throws ConfigurationError with all problems at once; with `validateWithAuthService` also
 *   AuthenticationError for a refused key, and whatever kept the service from a verdict: it never fails open
 */
export async function setup(options: SetupOptions = {}, call: CallOptions = {}): Promise<Hokusai> {
  const settings = resolveSettings(options);
  if (options.validateWithAuthService && settings.mock)
    throw new ConfigurationError([
      'validateWithAuthService must be off in mock mode, which has no such service',
    ]);
  const hokusai = { auth: new AuthClient(options) };
  if (options.validateWithAuthService) {
    const verdict = await hokusai.auth.validate(undefined, call);
    if (!verdict.valid) throw new AuthenticationError(verdict.detail, { status: 401 });
  }
  return hokusai;
}
