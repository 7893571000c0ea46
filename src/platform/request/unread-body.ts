import type { IncomingMessage } from 'node:http';

/** How long the rest of an upload is read and thrown away once its answer is sent. */
const DRAIN_MS = 5000;

/**
 * Reads and drops what is left of an upload that was answered early. Closing at once would send a reset that can
 * overtake the answer; reading on without an end would let a client hold a connection for free.
 */
export function drainUnreadBody(request: IncomingMessage): void {
  if (request.complete || request.destroyed) return;
  const { socket } = request;
  const timer = setTimeout(() => socket.destroy(), DRAIN_MS).unref();
  request.once('close', () => clearTimeout(timer));
  request.resume();
}
