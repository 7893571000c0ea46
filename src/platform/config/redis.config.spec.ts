import { ConfigError, loadConfigs, type Environment } from './env.js';
import { RedisConfig } from './redis.config.js';

function problemsOf(env: Environment): readonly string[] {
  try {
    loadConfigs(env, [RedisConfig]);
    return [];
  } catch (error) {
    return (error as ConfigError).problems;
  }
}

describe('the Redis configuration', () => {
  it.each([
    [{}],
    [{ REDIS_URL: 'redis://redis:6379/2' }],
    [{ REDIS_URL: 'rediss://:secret@redis:6380' }],
    [{ REDIS_URL: 'redis://redis:6379', REDIS_CLUSTER: 'true' }],
    [{ REDIS_URL: 'rediss://redis:6379', REDIS_TLS_CA_FILE: 'package.json' }],
  ])('takes %j', (env) => {
    expect(problemsOf(env)).toEqual([]);
  });

  it.each([
    [{ REDIS_URL: 'http://redis' }, 'redis:// or rediss://'],
    [{ REDIS_URL: 'redis' }, 'redis:// or rediss://'],
    [{ REDIS_CLUSTER: 'true' }, 'REDIS_CLUSTER=true needs REDIS_URL'],
    [{ REDIS_URL: 'redis://redis/3', REDIS_CLUSTER: 'true' }, 'database 0'],
    [{ REDIS_URL: 'redis://redis', REDIS_TLS_CA_FILE: 'package.json' }, 'needs a rediss://'],
    [{ REDIS_URL: 'rediss://redis', REDIS_TLS_CA_FILE: '/no/such/file' }, 'must be a readable file'],
    [{ REDIS_TLS_CA_FILE: 'package.json' }, 'REDIS_TLS_CA_FILE needs REDIS_URL'],
  ])('refuses %j', (env, words) => {
    expect(problemsOf(env).join()).toContain(words);
  });

  it('names no value in its problems', () => {
    expect(problemsOf({ REDIS_URL: 'http://user:hunter2@host' }).join()).not.toMatch(/hunter2|user|host/);
  });
});
