import type { Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/**
 * Cuts an answer that has begun, so that it does not look complete. If the end of the connection marks the end of the
 * answer, as for clients of HTTP/1.0, a normal close would make it look complete: then the connection is reset.
 */
export function cutAnswer(response: ServerResponse): void {
  const { socket } = response;
  // If it waits behind another answer, Node would still assign the connection to it later, and wait for its end.
  if (socket === null) response.once('socket', (own: Socket) => own.destroy());
  else if (endsWithConnection(response)) socket.resetAndDestroy();
  response.destroy();
}

/**
 * Makes a function that cuts all answers of a server that have begun. Node has no public way from a connection to its
 * answer (docs/decisions/0018-private-parts-of-node-and-express.md).
 */
export function cutterOf(server: Server): () => void {
  const sockets = new Set<Socket & { _httpMessage?: ServerResponse | null }>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  return () => {
    for (const { _httpMessage: answer } of sockets) if (answer?.headersSent) cutAnswer(answer);
  };
}

function endsWithConnection(response: ServerResponse): boolean {
  if (response.chunkedEncoding || !response.headersSent) return false;
  // The head as it was sent, because Node does not list headers that were written in one go.
  const { _header: head } = response as { _header?: string };
  return !/\r\ncontent-length:/i.test(head ?? '');
}
