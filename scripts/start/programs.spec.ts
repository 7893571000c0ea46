import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readPlan } from './plan.ts';
import { adminToken, gatewaySpec, keyServiceSpec, SECRETS } from './programs.ts';
import { openState, type State } from './state.ts';

const MLFLOW = 'http://127.0.0.1:5000';

describe('the programs of npm start', () => {
  let dir: string;
  let state: State;

  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'programs-'));
    state = openState(dir);
  });

  afterEach(() => rmSync(dir, { recursive: true }));

  it('are wired to each other by this installation’s own secrets', () => {
    const plan = readPlan({}, '/checkout');
    const keyService = keyServiceSpec(plan, state, {}).env;
    const gateway = gatewaySpec(plan, state, {}, MLFLOW).env;

    expect(gateway['HOKUSAI_AUTH_SERVICE_URL']).toBe('http://127.0.0.1:8000');
    expect(gateway['USAGE_REPORT_URL']).toBe('http://127.0.0.1:8000/api/v1/usage');
    expect(gateway['MLFLOW_SERVER_URL']).toBe(MLFLOW);
    expect(gateway['HOKUSAI_AUTH_SERVICE_TOKEN']).toBe(keyService['SERVICE_TOKENS']);
    expect(keyService['GATEWAY_INVALIDATE_URLS']).toBe('http://127.0.0.1:8001/internal/keys/invalidate');
    expect(keyService['GATEWAY_ADMIN_TOKEN']).toBe(gateway['GATEWAY_ADMIN_TOKEN']);
    expect(keyService['HOKUSAI_ADMIN_TOKEN']).toBe(adminToken({}, state));
    expect(gateway['HOKUSAI_ADMIN_TOKEN']).toBeUndefined();
    // Without it a gateway that is given a Redis would not start.
    expect(gateway['CACHE_HMAC_SECRET']).toBe(state.secret('cache-hmac-secret'));
    // Without these there would be no sign-in by browser, and no console.
    expect(gateway['SESSION_SECRETS']).toBe(state.secret('session-secret'));
    expect(keyService['CONSOLE_SESSION_SECRETS']).toBe(state.secret('console-session-secret'));
  });

  it('listen on loopback alone, and no variable changes that', () => {
    const plan = readPlan({ PORT: '9001' }, '/checkout');
    const env = { HOST: '0.0.0.0', PORT: '9001' };
    expect(keyServiceSpec(plan, state, env).env).toMatchObject({ HOST: '127.0.0.1', PORT: '8000' });
    expect(gatewaySpec(plan, state, env, MLFLOW).env).toMatchObject({ HOST: '127.0.0.1', PORT: '9001' });
  });

  it('carry no secret in their arguments', () => {
    const plan = readPlan({}, '/checkout');
    const specs = [keyServiceSpec(plan, state, {}), gatewaySpec(plan, state, {}, MLFLOW)];
    const args = specs.flatMap((spec) => spec.args).join(' ');
    for (const name of Object.values(SECRETS)) expect(args).not.toContain(state.secret(name));
  });

  it('take what is set over what would be made', () => {
    const env = { HOKUSAI_ADMIN_TOKEN: 'first-token-of-two, second', REDIS_URL: 'redis://127.0.0.1:6379' };
    const plan = readPlan(env, '/checkout');
    expect(adminToken(env, state)).toBe('first-token-of-two');
    expect(keyServiceSpec(plan, state, env).env['HOKUSAI_ADMIN_TOKEN']).toBe(env.HOKUSAI_ADMIN_TOKEN);
    expect(gatewaySpec(plan, state, env, MLFLOW).env['REDIS_URL']).toBe(env.REDIS_URL);
  });

  it('take what is empty as not set', () => {
    const empty = {
      HOKUSAI_ADMIN_TOKEN: '',
      KEY_PEPPER: ' ',
      GATEWAY_INVALIDATE_URLS: '',
      USAGE_REPORT_URL: '',
    };
    const plan = readPlan(empty, '/checkout');
    expect(keyServiceSpec(plan, state, empty).env).toEqual(keyServiceSpec(plan, state, {}).env);
    expect(gatewaySpec(plan, state, empty, MLFLOW).env).toEqual(gatewaySpec(plan, state, {}, MLFLOW).env);
  });

  it('know each other by the service token that is set', () => {
    const env = { HOKUSAI_AUTH_SERVICE_TOKEN: 'a-service-token-that-is-set' };
    const plan = readPlan(env, '/checkout');
    expect(keyServiceSpec(plan, state, env).env['SERVICE_TOKENS']).toBe(env.HOKUSAI_AUTH_SERVICE_TOKEN);
    expect(gatewaySpec(plan, state, env, MLFLOW).env).toMatchObject(env);
  });

  it('report no usage to someone else’s auth service, and send it no token of ours', () => {
    const plan = readPlan({ HOKUSAI_AUTH_SERVICE_URL: 'https://auth.hokus.ai' }, '/checkout');
    const { env } = gatewaySpec(plan, state, {}, MLFLOW);
    expect(env['USAGE_REPORT_URL']).toBeUndefined();
    expect(env['HOKUSAI_AUTH_SERVICE_TOKEN']).toBeUndefined();
  });
});
