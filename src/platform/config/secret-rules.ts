const MIN_LENGTH = 16;

/** The problem in words where a secret has less than `minLength` characters; empty where none has. */
export function tooShort(name: string, secrets: readonly string[], minLength = MIN_LENGTH): string[] {
  return secrets.some((secret) => secret.length < minLength)
    ? [`${name} must have at least ${minLength} characters`]
    : [];
}

/**
 * Problems in words of tokens that are sent as `Authorization: Bearer <token>`: too short to resist guessing, or with
 * characters that such a header cannot carry (RFC 6750, 2.1 allows less; servers accept any visible ASCII).
 */
export function tokenProblems(name: string, tokens: readonly string[]): string[] {
  const problems = tooShort(name, tokens);
  if (!tokens.every((token) => /^[!-~]*$/.test(token)))
    problems.push(`${name} must have no spaces and only visible ASCII characters, as a Bearer header needs`);
  return problems;
}
