import type { Express } from 'express';
import { IncomingMessage, ServerResponse, type ServerOptions } from 'node:http';
import { withOwnHeaders } from './own-headers.js';

type Classes = Required<Pick<ServerOptions, 'IncomingMessage' | 'ServerResponse'>>;

/**
 * Classes for `createServer` whose instances already have Express's prototypes. Express would change the
 * prototype of every request and response, which makes engines give up what they know about both.
 *
 * @param draining whether answers that begin now are the last of their connections
 *
 * Hot path: docs/decisions/0020-answers-leave-together.md.
 */
export function expressClasses(instance: Express, draining: () => boolean): Classes {
  class ExpressRequest extends IncomingMessage {}
  class ExpressResponse extends ServerResponse {
    override writeHead(...args: unknown[]): this {
      if (draining()) this.shouldKeepAlive = false;
      const last = args.length - 1;
      // Only a status, perhaps with its text: headers were set one by one, or there are none.
      if (typeof args[last] === 'object') args[last] = withOwnHeaders(this, args[last]);
      else withOwnHeaders(this, undefined);
      return super.writeHead(...(args as Parameters<ServerResponse['writeHead']>));
    }
  }
  Object.setPrototypeOf(ExpressRequest.prototype, instance.request as object);
  Object.setPrototypeOf(ExpressResponse.prototype, instance.response as object);
  instance.request = ExpressRequest.prototype as never;
  instance.response = ExpressResponse.prototype as never;
  return { IncomingMessage: ExpressRequest, ServerResponse: ExpressResponse as never };
}
