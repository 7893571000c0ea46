import { join } from 'node:path';
import type { ChildSpec } from './child.ts';
import type { Plan } from './plan.ts';
import { LOOPBACK } from './ports.ts';
import type { State } from './state.ts';

type Env = Readonly<Record<string, string | undefined>>;

/** Names under `secrets/` in the data folder. */
export const SECRETS = {
  admin: 'admin-token',
  gatewayAdmin: 'gateway-admin-token',
  service: 'gateway-service-token',
  pepper: 'key-pepper',
  cache: 'cache-hmac-secret',
  session: 'session-secret',
  console: 'console-session-secret',
} as const;

/** The admin token of the key service: the one that is set, else this installation's own. */
export function adminToken(env: Env, state: State): string {
  return firstOf(env['HOKUSAI_ADMIN_TOKEN']) ?? state.secret(SECRETS.admin);
}

export function keyServiceSpec(plan: Plan, state: State, env: Env): ChildSpec {
  return {
    ...nodeProgram(plan, 'key-service'),
    name: 'the key service',
    logFile: state.logFile('key-service'),
    env: {
      DATABASE_URL: `sqlite:///${join(state.dir, 'keys.sqlite')}`,
      KEY_PEPPER: state.secret(SECRETS.pepper),
      CONSOLE_SESSION_SECRETS: state.secret(SECRETS.console),
      GATEWAY_ADMIN_TOKEN: state.secret(SECRETS.gatewayAdmin),
      GATEWAY_INVALIDATE_URLS: `${plan.gatewayUrl}/internal/keys/invalidate`,
      SERVICE_TOKENS: env['HOKUSAI_AUTH_SERVICE_TOKEN']?.trim() || state.secret(SECRETS.service),
      HOKUSAI_ADMIN_TOKEN: state.secret(SECRETS.admin),
      ...given(env),
      HOST: LOOPBACK,
      PORT: String(plan.keyServicePort),
    },
  };
}

/** @param mlflowServerUrl the MLflow that was started, or the one that is set */
export function gatewaySpec(plan: Plan, state: State, env: Env, mlflowServerUrl: string): ChildSpec {
  const ownKeyService = plan.keyServicePort !== undefined && {
    HOKUSAI_AUTH_SERVICE_TOKEN: state.secret(SECRETS.service),
    USAGE_REPORT_URL: `${plan.authServiceUrl}/api/v1/usage`,
  };
  return {
    ...nodeProgram(plan, 'gateway'),
    name: 'the gateway',
    logFile: state.logFile('gateway'),
    env: {
      GATEWAY_ADMIN_TOKEN: state.secret(SECRETS.gatewayAdmin),
      CACHE_HMAC_SECRET: state.secret(SECRETS.cache),
      SESSION_SECRETS: state.secret(SECRETS.session),
      ...ownKeyService,
      ...given(env),
      HOKUSAI_AUTH_SERVICE_URL: plan.authServiceUrl,
      MLFLOW_SERVER_URL: mlflowServerUrl,
      HOST: LOOPBACK,
      PORT: String(plan.gatewayPort),
    },
  };
}

function nodeProgram(plan: Plan, program: string): Pick<ChildSpec, 'command' | 'args' | 'stopSignal'> {
  const preload = new URL('end-with-starter.mjs', import.meta.url).href;
  return {
    command: process.execPath,
    args: ['--import', preload, join(plan.root, 'dist', program, 'main.js')],
    stopSignal: 'SIGINT',
  };
}

/** Without the empty ones, which count as not set and must not take the place of a default. */
function given(env: Env): Env {
  return Object.fromEntries(Object.entries(env).filter(([, value]) => value?.trim()));
}

function firstOf(list: string | undefined): string | undefined {
  return list?.split(',')[0]?.trim() || undefined;
}
