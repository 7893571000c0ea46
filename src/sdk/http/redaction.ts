/** Anything shorter cannot be a secret that a service issues, and occurs in ordinary words: `x` in "expired". */
const SHORTEST_SECRET = 8;

/** The text without the secrets that a server may have echoed. */
export function redact(text: string, secrets: readonly string[]): string {
  return secrets
    .filter((secret) => secret.length >= SHORTEST_SECRET)
    .reduce((rest, secret) => rest.replaceAll(secret, '[redacted]'), text);
}
