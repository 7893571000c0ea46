import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import { UploadPace, type PaceLimits } from './upload-pace.js';
import { ClientGoneError } from './upstream/upstream-fault.js';

/** Counts what the client sent. */
export interface Recipient {
  received(bytes: number): void;
}

/**
 * A request body for undici, which destroys what it is given, and with the request itself its socket: an
 * early answer to a large upload would be lost. This stream pulls from the request while it is asked to,
 * and leaves it intact when it is destroyed.
 */
export class UploadBody extends Readable {
  private attached = false;
  private readonly pace: UploadPace;

  constructor(
    private readonly request: IncomingMessage,
    private readonly recipient: Recipient,
    limits: PaceLimits,
  ) {
    super();
    this.pace = new UploadPace(limits, (error) => this.destroy(error));
  }

  override _read(): void {
    if (!this.attached) this.attach();
    this.pace.wanted();
    this.request.resume();
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    this.detach();
    callback(error);
  }

  private attach(): void {
    this.attached = true;
    this.request.on('data', this.onData);
    this.request.on('end', this.onEnd);
    this.request.on('close', this.onClose);
    if (this.request.destroyed && !this.request.complete) queueMicrotask(this.onClose);
  }

  private detach(): void {
    this.pace.rest();
    if (!this.attached) return;
    this.request.off('data', this.onData);
    this.request.off('end', this.onEnd);
    this.request.off('close', this.onClose);
    this.request.pause();
  }

  private readonly onData = (chunk: Buffer): void => {
    this.recipient.received(chunk.length);
    this.pace.received(chunk.length);
    if (this.push(chunk)) {
      this.pace.wanted();
      return;
    }
    // MLflow reads more slowly than the client sends, so the client has to pause: this silence is not its fault.
    this.pace.rest();
    this.request.pause();
  };

  private readonly onEnd = (): void => {
    this.pace.rest();
    this.push(null);
  };

  private readonly onClose = (): void => {
    if (!this.request.complete) this.destroy(new ClientGoneError('the client left in mid-upload'));
  };
}

/** Whether a request announces a body (RFC 9112, 6.3). */
export function hasBody(request: IncomingMessage): boolean {
  const { headers } = request;
  if (headers['transfer-encoding'] !== undefined) return true;
  const length = headers['content-length'];
  return length !== undefined && length !== '0' && Number(length) > 0;
}

/** A body that arrived completely while the guards ran; undefined if it did not and must be streamed. */
export function arrivedBody(request: IncomingMessage, recipient: Recipient): Buffer | undefined {
  if (!request.complete || request.readableLength === 0) return undefined;
  const body = request.read() as Buffer | null;
  if (body === null) return undefined;
  recipient.received(body.length);
  return body;
}
