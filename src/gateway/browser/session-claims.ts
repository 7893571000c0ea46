import type { SealedClaims } from '../../platform/browser/sealed-tokens.js';

/** What a session's cookie holds, sealed. */
export interface SessionClaims extends SealedClaims {
  /** The key itself: its facts are looked up for each request. */
  readonly key: string;
}

export const SESSION_PURPOSE = 'mlflow-gateway:session:v1';

export function isSessionClaims({ key }: Record<string, unknown>): boolean {
  return typeof key === 'string';
}
