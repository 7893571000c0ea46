import type { IncomingMessage } from 'node:http';
import type { KeyFacts } from './key-facts.js';

/** Who a request is from, once AuthenticationGuard has said yes. */
export interface Principal {
  readonly facts: KeyFacts;
  /**
   * One name for one holder, with any kind of credential: limits count by it. The part before the colon says what kind
   * of name follows, such as `key:` and the HMAC of an API key. It never holds a credential.
   */
  readonly subject: string;
  /** Where the credential was found; Basic and a session's cookie are what browsers send by themselves. */
  readonly source: CredentialSource;
  /** This request does not count for its key: neither in limits nor in usage. */
  readonly unmetered?: true;
}

export type CredentialSource =
  | 'bearer'
  | 'api-key-scheme'
  | 'basic'
  | 'raw-authorization'
  | 'x-api-key'
  | 'x-hokusai-api-key'
  | 'x-goog-api-key'
  | 'api-key'
  | 'x-mlflow-authorization'
  | 'query'
  /** The cookie of a browser session, which holds a key. */
  | 'session';

const PRINCIPAL = Symbol('principal');

export function setPrincipal(request: IncomingMessage, principal: Principal): void {
  (request as { [PRINCIPAL]?: Principal })[PRINCIPAL] = principal;
}

/** Undefined on public routes and before AuthenticationGuard. */
export function principalOf(request: IncomingMessage): Principal | undefined {
  return (request as { [PRINCIPAL]?: Principal })[PRINCIPAL];
}
