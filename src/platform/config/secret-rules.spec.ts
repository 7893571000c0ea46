import { tokenProblems, tooShort } from './secret-rules.js';

describe('secrets in settings', () => {
  it('are refused where they are short, by name and never with the value', () => {
    expect(tooShort('CACHE_HMAC_SECRET', ['x'.repeat(15)])).toEqual([
      'CACHE_HMAC_SECRET must have at least 16 characters',
    ]);
    expect(tooShort('KEY_PEPPER', ['x'.repeat(32), 'y'.repeat(31)], 32)).toHaveLength(1);
    expect(tooShort('KEY_PEPPER', [])).toEqual([]);
  });

  it.each(['an admin token of a test', 'token-with-a-tab\t-inside', 'tökén-of-sixteen-characters'])(
    'are refused as tokens where no Bearer header could carry them: %j',
    (token) => {
      const problems = tokenProblems('HOKUSAI_ADMIN_TOKEN', [token]);
      expect(problems).toEqual([expect.stringMatching(/^HOKUSAI_ADMIN_TOKEN must have no spaces/)]);
      expect(problems.join()).not.toContain(token);
    },
  );

  it('are taken as tokens with every visible character', () => {
    expect(tokenProblems('HOKUSAI_ADMIN_TOKEN', ['0123456789abcDEF-._~+/=!"#$'])).toEqual([]);
  });
});
