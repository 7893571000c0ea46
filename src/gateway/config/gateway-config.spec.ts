import { ConfigError } from '../../platform/config/env.js';
import { loadGatewayConfigs } from './gateway-config.module.js';

const MLFLOW = { MLFLOW_SERVER_URL: 'http://mlflow:5000' };
const REDIS = { ...MLFLOW, REDIS_URL: 'redis://redis:6379/0' };

function problemsOf(env: Record<string, string>): readonly string[] {
  try {
    loadGatewayConfigs(env);
    return [];
  } catch (error) {
    return (error as ConfigError).problems;
  }
}

describe('CACHE_HMAC_SECRET', () => {
  it('is required where there is a Redis, and says so in a sentence', () => {
    expect(problemsOf(REDIS)).toEqual([
      expect.stringMatching(/^CACHE_HMAC_SECRET is required with REDIS_URL: /),
    ]);
    expect(problemsOf(MLFLOW)).toEqual([]);
  });

  it('takes a list, of which every secret has 16 characters', () => {
    const secrets = ['a-new-secret-of-all', 'an-old-secret-of-all'];
    const { auth } = loadGatewayConfigs({ ...REDIS, CACHE_HMAC_SECRET: secrets.join(', ') });
    expect(auth.cacheHmacSecrets).toEqual(secrets);
    expect(problemsOf({ ...REDIS, CACHE_HMAC_SECRET: 'a-new-secret-of-all,short' })).toEqual([
      'CACHE_HMAC_SECRET must have at least 16 characters',
    ]);
  });
});

describe('AUTHZ_TRUSTED_PEERS', () => {
  it('holds addresses, and needs a proxy that is believed', () => {
    const env = { ...MLFLOW, AUTHZ_TRUSTED_PEERS: '10.0.0.0/8, ::1', TRUSTED_PROXY_HOPS: '1' };
    expect(loadGatewayConfigs(env).authz.trustedPeers).toEqual(['10.0.0.0/8', '::1']);
    expect(problemsOf({ ...env, TRUSTED_PROXY_HOPS: '0' })).toEqual([
      expect.stringMatching(/^AUTHZ_TRUSTED_PEERS needs TRUSTED_PROXY_HOPS of 1 or more/),
    ]);
    expect(problemsOf({ ...env, AUTHZ_TRUSTED_PEERS: 'nginx, 10.0.0.0/33' })).toEqual([
      'AUTHZ_TRUSTED_PEERS must hold addresses or CIDR blocks only: nginx, 10.0.0.0/33',
    ]);
  });
});

describe('what access control is told', () => {
  it('names the rules and schemes that there are', () => {
    expect(loadGatewayConfigs({ ...MLFLOW, ACCESS_SHADOW: 'grants, ssrf' }).access.shadow).toEqual([
      'grants',
      'ssrf',
    ]);
    expect(problemsOf({ ...MLFLOW, ACCESS_SHADOW: 'grants,everything' })).toEqual([
      expect.stringContaining('must hold unknown-route, parser, grants and ssrf only'),
    ]);
    expect(problemsOf({ ...MLFLOW, STORAGE_URI_SCHEMES: 's3,file' })).toEqual([
      expect.stringMatching(/^STORAGE_URI_SCHEMES must not hold file/),
    ]);
    expect(problemsOf({ ...MLFLOW, ACCESS_MODE: 'off' })).toHaveLength(1);
  });
});
