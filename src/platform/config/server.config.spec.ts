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
  it('takes a metrics token that a Bearer header can carry', () => {
    expect(problemsOf({ METRICS_TOKEN: 'a-token-of-good-length' })).toEqual([]);
  });

  it.each(['short', 'a token that has spaces', 'ein-Wort-mit-Umläuten'])(
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
});
