import { createHash, timingSafeEqual } from 'node:crypto';

/** Whether `candidate` is one of `secrets`, in time that depends on neither's content nor length. */
export function isOneOf(candidate: string, secrets: readonly string[]): boolean {
  const digest = sha256(candidate);
  let found = false;
  for (const secret of secrets) found = timingSafeEqual(digest, sha256(secret)) || found;
  return found;
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

/** The token of an `Authorization: Bearer` header, undefined for anything else. */
export function bearerToken(authorization: string | undefined): string | undefined {
  return authorization === undefined ? undefined : /^bearer +(\S+) *$/i.exec(authorization)?.[1];
}
