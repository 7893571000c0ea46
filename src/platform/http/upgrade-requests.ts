import type { IncomingMessage } from 'node:http';
import { readNothingBehind } from './connection-requests.js';

const asking = new WeakSet<IncomingMessage>();

/**
 * Refuses every change of protocol, for the server's `shouldUpgradeCallback`: the request is answered as HTTP/1.1.
 * Node's parser drops what came in one piece with its end, and would take the next piece for the beginning of a
 * request, though it may be in the middle of one. So nothing behind it is read.
 */
export function refuseUpgrade(request: IncomingMessage): boolean {
  asking.add(request);
  readNothingBehind(request);
  return false;
}

/** Whether the connection must end after this request, because it asked for another protocol. */
export function asksForUpgrade(request: IncomingMessage): boolean {
  return asking.has(request);
}
