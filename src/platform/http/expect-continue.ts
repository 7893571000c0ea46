import type { IncomingMessage, ServerResponse } from 'node:http';

/**
 * For a request with `Expect: 100-continue`: sends `100 Continue` when its body is first read, so never for a request
 * that is refused by its headers. If a request is answered without it, Node closes the connection after the answer
 * (RFC 9110, 10.1.1), because it cannot know whether the body still follows.
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
      // Another answer is being sent on the connection: Node would hold the `100 Continue` back and send it after the
      // head of this answer.
      if (response.socket === null) response.once('socket', sayContinue);
      else sayContinue();
    }
    read(size);
  };
}
