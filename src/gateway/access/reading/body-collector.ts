import type { IncomingMessage } from 'node:http';
import { ProblemError } from '../../../lib/problem-error.js';

export interface BodyBounds {
  /** Of one body. */
  readonly maxBytes: number;
  /** Longest silence of the client. */
  readonly idleTimeoutMs: number;
  /** Over this time the body must bring `minBytesPerWindow`, unless it ends before; 0 for no least rate. */
  readonly windowMs: number;
  readonly minBytesPerWindow: number;
}

/** Reads bodies whole, and keeps count of all that are in hand. */
export class BodyCollector {
  private held = 0;

  /** @param maxBytes of all bodies together */
  constructor(private readonly maxBytes: number) {}

  /** Bytes of bodies in hand. */
  get bytes(): number {
    return this.held;
  }

  /**
   * The body of a request, in one piece. Its bytes count as in hand until the answer is over.
   *
   * @param over registers what is called once the answer is over
   * @param received told the bytes as they come
   * @throws ProblemError `request-too-large`, `overloaded`, or `request-timeout` for a client that stops
   */
  collect(
    request: IncomingMessage,
    bounds: BodyBounds,
    over: (release: () => void) => void,
    received: (bytes: number) => void,
  ): Promise<Buffer> {
    const announced = Number(request.headers['content-length'] ?? 0);
    if (announced > bounds.maxBytes) throw new ProblemError('request-too-large');
    const share = new Share(this.take);
    over(() => share.release());
    // What is announced is counted before it comes, so that many cannot begin what cannot end.
    share.grow(announced);
    return new Promise((resolve, reject) => {
      new Collection(request, bounds, share, { received, resolve, reject }).start();
    });
  }

  private readonly take = (bytes: number): boolean => {
    if (this.held + bytes > this.maxBytes) return false;
    this.held += bytes;
    return true;
  };
}

/** What one body has of the bytes in hand. */
class Share {
  private bytes = 0;

  constructor(private readonly take: (bytes: number) => boolean) {}

  /** @throws ProblemError `overloaded` where there is no room */
  grow(toBytes: number): void {
    const more = toBytes - this.bytes;
    if (more <= 0) return;
    if (!this.take(more))
      throw new ProblemError('overloaded', { retryAfterSeconds: 1, reason: 'bodies_in_hand' });
    this.bytes = toBytes;
  }

  release(): void {
    this.take(-this.bytes);
    this.bytes = 0;
  }
}

interface Outcome {
  received(bytes: number): void;
  resolve(body: Buffer): void;
  reject(error: Error): void;
}

class Collection {
  private readonly chunks: Buffer[] = [];
  private bytes = 0;
  private inWindow = 0;
  private idle: NodeJS.Timeout | undefined;
  private window: NodeJS.Timeout | undefined;

  constructor(
    private readonly request: IncomingMessage,
    private readonly bounds: BodyBounds,
    private readonly share: Share,
    private readonly outcome: Outcome,
  ) {}

  start(): void {
    const { request, bounds } = this;
    this.idle = setTimeout(() => this.fail(new ProblemError('request-timeout')), bounds.idleTimeoutMs);
    if (bounds.minBytesPerWindow > 0) this.window = setInterval(() => this.checkPace(), bounds.windowMs);
    request.on('data', this.onData).on('end', this.onEnd).on('close', this.onClose);
    if (request.destroyed) this.onClose();
  }

  private readonly onData = (chunk: Buffer): void => {
    this.idle?.refresh();
    this.inWindow += chunk.length;
    this.bytes += chunk.length;
    this.outcome.received(chunk.length);
    if (this.bytes > this.bounds.maxBytes) {
      this.fail(new ProblemError('request-too-large'));
      return;
    }
    try {
      this.share.grow(this.bytes);
    } catch (error) {
      this.fail(error as Error);
      return;
    }
    this.chunks.push(chunk);
  };

  private readonly onEnd = (): void => {
    this.detach();
    this.outcome.resolve(Buffer.concat(this.chunks, this.bytes));
  };

  private readonly onClose = (): void => {
    // The client is gone: nobody hears what is answered.
    if (!this.request.complete) this.fail(new ProblemError('bad-request', { reason: 'client_gone' }));
  };

  private checkPace(): void {
    if (this.inWindow < this.bounds.minBytesPerWindow) this.fail(new ProblemError('request-timeout'));
    this.inWindow = 0;
  }

  private fail(error: Error): void {
    this.detach();
    this.request.pause();
    this.outcome.reject(error);
  }

  private detach(): void {
    clearTimeout(this.idle);
    clearInterval(this.window);
    this.request.off('data', this.onData).off('end', this.onEnd).off('close', this.onClose);
  }
}
