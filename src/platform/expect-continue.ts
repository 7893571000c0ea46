import type { IncomingMessage, ServerResponse } from 'node:http';

/**
 * For a request with `Expect: 100-continue`: says `100 Continue` when its body is first read, and so never
 * to a request that is refused by its headers. Where it is answered unread, the connection closes after the
 * answer (RFC 9110, 10.1.1): whether the body still follows is anyone's guess.
 */
export function continueOnFirstRead(request: IncomingMessage, response: ServerResponse): void {
  const read = request._read.bind(request);
  let continued = false;
  const closing = response.hasHeader('connection');
  response.setHeader('connection', 'close');
  request._read = (size) => {
    if (!continued && !response.headersSent) {
      continued = true;
      if (!closing) response.removeHeader('connection');
      response.writeContinue();
    }
    read(size);
  };
}
