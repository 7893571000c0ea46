import type { IncomingMessage, ServerResponse } from 'node:http';

/**
 * For a request with `Expect: 100-continue`: says `100 Continue` when its body is first read, and so never
 * to a request that is refused by its headers. Where it is answered without, Node closes the connection after the
 * answer (RFC 9110, 10.1.1), because it cannot know whether the body still follows.
 *
 * Node has no public event for the first read (docs/decisions/0018-private-parts-of-node-and-express.md).
 */
export function continueOnFirstRead(request: IncomingMessage, response: ServerResponse): void {
  const read = request._read.bind(request);
  let wanted = false;
  const sayContinue = (): void => {
    if (!response.headersSent && !response.destroyed) response.writeContinue();
  };
  request._read = (size) => {
    if (!wanted) {
      wanted = true;
      // Another answer has the connection: Node would keep this one back, and send it after a head that follows.
      if (response.socket === null) response.once('socket', sayContinue);
      else sayContinue();
    }
    read(size);
  };
}
