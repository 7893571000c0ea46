import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';

/** Requests of one connection that may be under way at once: pipelining clients send a few. */
export const MAX_UNDER_WAY = 32;

const UNDER_WAY = Symbol('requests under way');
interface Counted extends Socket {
  [UNDER_WAY]?: number;
}

/** Notes that a request of its connection is under way. @returns how many are, this one included */
export function enterConnection({ socket }: IncomingMessage): number {
  const count = ((socket as Counted)[UNDER_WAY] ?? 0) + 1;
  (socket as Counted)[UNDER_WAY] = count;
  return count;
}

/** To be called when the answer has ended. */
export function leaveConnection({ socket }: IncomingMessage): void {
  (socket as Counted)[UNDER_WAY] = ((socket as Counted)[UNDER_WAY] ?? 1) - 1;
}

/** Requests of a connection whose answers have not ended. */
export function underWayOn(socket: Socket): number {
  return (socket as Counted)[UNDER_WAY] ?? 0;
}

/**
 * Stops reading a connection after a request, apart from the body of that request. Node's parser still reads the rest
 * of the piece that it has, so some of the following bytes may become requests; bytes of later pieces do not.
 */
export function readNothingBehind(request: IncomingMessage): void {
  const { socket } = request;
  const listeners = socket.listeners('data') as ((chunk: Buffer) => void)[];
  socket.removeAllListeners('data');
  socket.on('data', (chunk: Buffer) => {
    if (!request.complete) for (const listener of listeners) listener.call(socket, chunk);
  });
}
