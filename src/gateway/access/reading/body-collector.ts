import type { IncomingMessage } from 'node:http';
import { ProblemError } from '../../../lib/http/problem-error.js';
import { Share } from '../../../lib/share.js';

export interface BodyBounds {
  /** Of one body. */
  readonly maxBytes: number;
  /** Longest silence of the client. */
  readonly idleTimeoutMs: number;
  /**
   * In each window of this length `minBytesPerWindow` bytes must arrive, unless the body ends before; 0 for no minimum
   * rate.
   */
  readonly windowMs: number;
  readonly minBytesPerWindow: number;
}

/** Whose body it is, and what it reports. */
export interface BodyOwner {
  /** One name for one key. */
  readonly subject: string;
  /** Registers what is called once the answer is over. */
  over(release: () => void): void;
  /** Told the bytes as they come. */
  received(bytes: number): void;
}

/** Bytes that count as being in memory. */
export interface HeldBytes {
  /**
   * Counts as many as that, all that were counted before among them.
   *
   * @throws ProblemError `key-overloaded` and `overloaded` where there is no room
   */
  grow(toBytes: number): void;
  release(): void;
}

/** Reads bodies whole, and counts the bytes of all that are in memory, so that no key can take all the room. */
export class BodyCollector {
  private held = 0;
  private readonly heldBy = new Map<string, number>();
  private readonly share: Share;

  /**
   * @param maxBytes of all bodies together
   * @param sharePercent what one key may have of it; less while others hold much
   */
  constructor(
    private readonly maxBytes: number,
    sharePercent: number,
  ) {
    this.share = new Share(maxBytes, sharePercent);
  }

  /** Bytes of bodies in memory. */
  get bytes(): number {
    return this.held;
  }

  /**
   * The body of a request, in one piece. Its bytes count as being in memory until the answer is over.
   *
   * @throws ProblemError `request-too-large`; `key-overloaded` and `overloaded` where there is no room; `request-timeout`
   *   for a client that stops
   */
  collect(request: IncomingMessage, bounds: BodyBounds, owner: BodyOwner): Promise<Buffer> {
    const announced = Number(request.headers['content-length'] ?? 0);
    if (announced > bounds.maxBytes) throw new ProblemError('request-too-large');
    const room = this.hold(owner.subject);
    owner.over(() => room.release());
    // The announced length is counted before the body comes: otherwise more uploads could start than fit.
    room.grow(announced);
    return new Promise((resolve, reject) => {
      const received = (bytes: number): void => owner.received(bytes);
      new Collection(request, bounds, room, { received, resolve, reject }).start();
    });
  }

  /** Room for the values that are made from a body, which may take many times its size. */
  hold(subject: string): HeldBytes {
    return new Room((bytes) => this.take(subject, bytes));
  }

  private take(subject: string, bytes: number): void {
    const own = this.heldBy.get(subject) ?? 0;
    if (bytes > 0 && !this.share.admits(own, this.held, bytes)) throw this.noRoom(bytes);
    this.held += bytes;
    if (own + bytes > 0) this.heldBy.set(subject, own + bytes);
    else this.heldBy.delete(subject);
  }

  private noRoom(bytes: number): ProblemError {
    const othersFindRoom = this.held + bytes <= this.maxBytes;
    return new ProblemError(othersFindRoom ? 'key-overloaded' : 'overloaded', {
      retryAfterSeconds: 1,
      reason: 'body_memory',
    });
  }
}

class Room implements HeldBytes {
  private bytes = 0;

  constructor(private readonly take: (bytes: number) => void) {}

  grow(toBytes: number): void {
    const more = toBytes - this.bytes;
    if (more <= 0) return;
    this.take(more);
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
    private readonly room: HeldBytes,
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
      this.room.grow(this.bytes);
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
    // The client is gone, so the answer does not matter.
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
