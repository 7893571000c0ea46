const MIN_TOKEN_LENGTH = 16;

/** The problem in words where a secret is shorter than `minLength` characters; empty where none is. */
export function tooShort(name: string, secrets: readonly string[], minLength = MIN_TOKEN_LENGTH): string[] {
  return secrets.some((secret) => secret.length < minLength)
    ? [`${name} must have at least ${minLength} characters`]
    : [];
}
