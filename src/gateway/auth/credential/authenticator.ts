import type { IncomingMessage } from 'node:http';
import type { RequestContext } from '../../../platform/request/request-context.js';
import { KEY_REFUSALS } from './key-refusals.js';
import type { Verdict } from './verdict.js';

const NO_CREDENTIAL: Verdict = { kind: 'refused', refusal: KEY_REFUSALS.missing };

/**
 * One way of telling who a request is from. The gateway asks a list of them in order (`gateway.module.ts`), and the
 * first that is responsible decides; where none is, the request has no credential.
 */
export interface Authenticator {
  /**
   * Whether it is responsible shows in the request alone, so `undefined` ("not mine") is always said at once. The
   * verdict comes at once where everything needed is in memory, else as a promise.
   *
   * A refusal is a value. What is thrown, or rejects, is a fault of the gateway and answered as 500.
   */
  authenticate(request: IncomingMessage, context: RequestContext): Verdict | Promise<Verdict> | undefined;
}

/** Injection token of the list, in the order in which its members are asked. */
export const AUTHENTICATORS = Symbol('authenticators');

/** What the first of them that is responsible says; if none is responsible, no credential came. */
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
