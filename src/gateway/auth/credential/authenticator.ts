import type { IncomingMessage } from 'node:http';
import type { RequestContext } from '../../../platform/request/request-context.js';
import { KEY_REFUSALS } from './key-refusals.js';
import type { Verdict } from './verdict.js';

const NO_CREDENTIAL: Verdict = { kind: 'refused', refusal: KEY_REFUSALS.missing };

/**
 * One way to find out who sent a request. The gateway asks a list of authenticators in order (`gateway.module.ts`).
 * The first responsible one decides; if none is responsible, the request has no credential.
 */
export interface Authenticator {
  /**
   * Whether it is responsible depends only on the request, so `undefined` ("not mine") is always returned at once. The
   * verdict is returned at once if everything needed is in memory, otherwise as a promise.
   *
   * A refusal is a value. What is thrown, or rejects, is a fault of the gateway and answered as 500.
   */
  authenticate(request: IncomingMessage, context: RequestContext): Verdict | Promise<Verdict> | undefined;
}

/** Injection token of the list, in the order in which its members are asked. */
export const AUTHENTICATORS = Symbol('authenticators');

/** The verdict of the first responsible one. If none is responsible, the request has no credential. */
export function firstVerdict(
  authenticators: readonly Authenticator[],
  request: IncomingMessage,
  context: RequestContext,
): Verdict | Promise<Verdict> {
  for (const authenticator of authenticators) {
    const verdict = authenticator.authenticate(request, context);
    if (verdict) return verdict;
  }
  return NO_CREDENTIAL;
}
