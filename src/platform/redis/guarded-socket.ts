import type { Socket } from 'node:net';
import { ReplyFraming } from './reply-framing.js';

const READ_BYTES = 64 * 1024;

/**
 * The `onread` option of `net.connect` and `tls.connect`: reads whole replies and hands them to the listeners of
 * `data`. An error of a listener, or bytes that are not a reply, break the connection as a failed read does. Thrown
 * from the socket's own event, they would end the process.
 */
export function guardedReading(): object {
  const framings = new WeakMap<Socket, ReplyFraming>();
  return {
    // Filled and emptied within one turn of the event loop, so that all sockets of a client can share it.
    buffer: Buffer.allocUnsafe(READ_BYTES),
    callback(this: Socket, length: number, buffer: Buffer): boolean {
      try {
        const framing = framings.get(this) ?? new ReplyFraming();
        framings.set(this, framing);
        const replies = framing.push(Buffer.from(buffer.subarray(0, length)));
        if (replies) this.emit('data', replies);
      } catch (error) {
        this.destroy(error instanceof Error ? error : new Error(String(error)));
      }
      return true;
    },
  };
}
