import type { IncomingMessage } from 'node:http';
import type { RequestContext } from '../../../platform/request/request-context.js';
import type { Verdict } from './verdict.js';

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
