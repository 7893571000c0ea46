import type { IncomingMessage } from 'node:http';
import type { KeyFacts } from './key-facts.js';

/** Who a request is from, once ApiKeyGuard has said yes. */
export interface Principal {
  readonly facts: KeyFacts;
  /** HMAC-SHA-256 of the key, base64url: the name under which limits and caches know it. Never the key. */
  readonly keyDigest: string;
  /** Where the key was found; Basic is what browsers send by themselves. */
  readonly source: CredentialSource;
}

export type CredentialSource =
  | 'bearer'
  | 'api-key-scheme'
  | 'basic'
  | 'raw-authorization'
  | 'x-api-key'
  | 'x-hokusai-api-key'
  | 'x-mlflow-authorization'
  | 'query';

const PRINCIPAL = Symbol('principal');

export function setPrincipal(request: IncomingMessage, principal: Principal): void {
  (request as { [PRINCIPAL]?: Principal })[PRINCIPAL] = principal;
}

/** Undefined on public routes and before ApiKeyGuard. */
export function principalOf(request: IncomingMessage): Principal | undefined {
  return (request as { [PRINCIPAL]?: Principal })[PRINCIPAL];
}
