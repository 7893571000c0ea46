import type { IncomingMessage } from 'node:http';
import { readNothingBehind } from './connection-requests.js';

const asking = new WeakSet<IncomingMessage>();

/**
 * Refuses every change of protocol, for the server's `shouldUpgradeCallback`: the request is answered as HTTP/1.1.
 * Node's parser drops the bytes that arrived in one piece with the end of this request, and would read the next piece
 * as the beginning of a request, although it may be the middle of one. So nothing after it is read.
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
