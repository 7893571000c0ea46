import { ConfigError, loadConfigs } from './env.js';
import { ServerConfig } from './server.config.js';

function problemsOf(env: Record<string, string>): readonly string[] {
  try {
    loadConfigs(env, [ServerConfig] as const);
    return [];
  } catch (error) {
    return (error as ConfigError).problems;
  }
}

describe('the server configuration', () => {
  it('takes metrics tokens that a Bearer header can carry, one or several', () => {
    expect(problemsOf({ METRICS_TOKEN: 'a-token-of-good-length' })).toEqual([]);
    expect(problemsOf({ METRICS_TOKEN: 'a-token-of-good-length, another-of-good-length' })).toEqual([]);
  });

  it('refuses commas without a metrics token, which would leave /metrics open', () => {
    expect(problemsOf({ METRICS_TOKEN: ' , ' })).toEqual([
      expect.stringMatching(/^METRICS_TOKEN must have a token/),
    ]);
  });

  it.each(['short', 'a-token-of-good-length,short', 'a token that has spaces', 'ein-Wort-mit-Umläuten'])(
    'refuses "%s" as a metrics token, without repeating it',
    (token) => {
      const problems = problemsOf({ METRICS_TOKEN: token });
      expect(problems).toEqual([expect.stringMatching(/^METRICS_TOKEN must have /)]);
      expect(problems.join()).not.toContain(token);
    },
  );

  it('refuses REQUIRE_HTTPS where no proxy is trusted to say so', () => {
    expect(problemsOf({ REQUIRE_HTTPS: 'true' })).toEqual([expect.stringMatching(/TRUSTED_PROXY_HOPS/)]);
    expect(problemsOf({ REQUIRE_HTTPS: 'true', TRUSTED_PROXY_HOPS: '1' })).toEqual([]);
  });

  it.each(['a1b2c3d', 'v1.2.3-dirty', 'a'.repeat(64)])('takes %s as the commit of the build', (commit) => {
    expect(problemsOf({ BUILD_COMMIT: commit })).toEqual([]);
  });

  it.each(['a b', 'a"b', 'a'.repeat(65)])('refuses %s as one: it would be a label of a metric', (commit) => {
    expect(problemsOf({ BUILD_COMMIT: commit })).toEqual([expect.stringMatching(/^BUILD_COMMIT must be /)]);
  });
});
