import { pino, type DestinationStream } from 'pino';

/** Where lines go, each with its newline. */
export interface LogDestination extends DestinationStream {
  /** Lines given up so far. */
  readonly droppedLines?: number;
  /** Writes what is held, and waits for it. */
  flushSync?(): void;
}

/** Lines are handed over in blocks: each hand-over wakes another thread, which costs more than making a line. */
const BLOCK_BYTES = 64 * 1024;
const HAND_OVER_EVERY_MS = 500;
/** What may wait for a reader of the log that has stopped reading; what comes on top is dropped and counted. */
const MAX_WAITING_BYTES = 8 * 1024 * 1024;
/** UTF-8 needs three bytes at most for a unit of UTF-16. */
const MAX_BYTES_A_UNIT = 3;
const NEWLINE = 10;

/**
 * Writes to a file descriptor without waiting for it. Lines become bytes at once, so that no string stays in memory.
 *
 * Hot path: docs/decisions/0022-log-line-and-histograms-by-hand.md.
 */
export class DescriptorDestination implements LogDestination {
  droppedLines = 0;
  private readonly out: ReturnType<typeof pino.destination>;
  private readonly timer: NodeJS.Timeout;
  private block = Buffer.allocUnsafe(BLOCK_BYTES);
  private used = 0;

  /** @param maxWaitingBytes bound of what the descriptor has not taken yet */
  constructor(fd: number, maxWaitingBytes = MAX_WAITING_BYTES) {
    this.out = pino.destination({
      fd,
      sync: false,
      contentMode: 'buffer',
      maxWrite: 2 * BLOCK_BYTES,
      maxLength: maxWaitingBytes,
    });
    this.out.on('drop', (piece: Buffer) => (this.droppedLines += linesIn(piece)));
    this.timer = setInterval(() => this.handOver(), HAND_OVER_EVERY_MS).unref();
    process.once('exit', this.flushSync);
  }

  write(text: string): void {
    const most = text.length * MAX_BYTES_A_UNIT;
    if (most > BLOCK_BYTES) {
      this.handOver();
      this.pass(Buffer.from(text));
      return;
    }
    if (most > BLOCK_BYTES - this.used) this.handOver();
    this.used += this.block.write(text, this.used);
  }

  readonly flushSync = (): void => {
    try {
      this.handOver();
      this.out.flushSync();
    } catch {
      // The stream was never opened or is closed: nothing can be written then.
    }
  };

  /** Stops writing and closes the descriptor, unless it is a standard one. */
  destroy(): void {
    clearInterval(this.timer);
    process.off('exit', this.flushSync);
    this.out.destroy();
  }

  private handOver(): void {
    if (this.used === 0) return;
    const piece = this.block.subarray(0, this.used);
    this.block = Buffer.allocUnsafe(BLOCK_BYTES);
    this.used = 0;
    this.pass(piece);
  }

  private pass(piece: Buffer): void {
    // The types know texts alone; with contentMode "buffer" it takes bytes.
    (this.out as unknown as { write(piece: Buffer): void }).write(piece);
  }
}

function linesIn(piece: Buffer): number {
  let lines = 0;
  for (let at = piece.indexOf(NEWLINE); at !== -1; at = piece.indexOf(NEWLINE, at + 1)) lines++;
  return lines;
}
