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
