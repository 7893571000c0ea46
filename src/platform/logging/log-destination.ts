import type { DestinationStream } from 'pino';
import { PatientWriter } from './patient-writer.js';

/** Where lines go, each with its newline. */
export interface LogDestination extends DestinationStream {
  /** Lines given up so far. */
  readonly droppedLines?: number;
  /** Writes what is held, and waits for it for `withinMs` at most; what is left then is given up and counted. */
  flushSync?(withinMs?: number): void;
}

/** Lines are written in blocks, because a write is a system call, which costs more than making a line. */
const BLOCK_BYTES = 64 * 1024;
const HAND_OVER_EVERY_MS = 500;
/** Bytes that may wait for a reader that has stopped reading; all further lines are dropped and counted. */
const MAX_WAITING_BYTES = 8 * 1024 * 1024;
/** How long an exit without a deadline waits for a slow reader. */
const MAX_FLUSH_MS = 10_000;
/** UTF-8 needs three bytes at most for a unit of UTF-16. */
const MAX_BYTES_A_UNIT = 3;

/**
 * Writes to a file descriptor without waiting for it. Lines become bytes at once, so that no string stays in memory.
 *
 * Hot path: docs/decisions/0022-log-line-and-histograms-by-hand.md.
 */
export class DescriptorDestination implements LogDestination {
  private readonly out: PatientWriter;
  private readonly timer: NodeJS.Timeout;
  private block = Buffer.allocUnsafe(BLOCK_BYTES);
  private used = 0;
  private droppedBefore = 0;
  private toldOfDropped = 0;

  /** @param maxWaitingBytes bound of what the descriptor has not taken yet */
  constructor(fd: number, maxWaitingBytes = MAX_WAITING_BYTES) {
    this.out = new PatientWriter(fd, maxWaitingBytes);
    this.timer = setInterval(() => this.handOver(), HAND_OVER_EVERY_MS).unref();
    process.once('exit', this.onExit);
  }

  get droppedLines(): number {
    return this.out.droppedLines;
  }

  write(text: string): void {
    const most = text.length * MAX_BYTES_A_UNIT;
    if (most > BLOCK_BYTES) {
      this.handOver();
      this.out.write(Buffer.from(text));
      return;
    }
    if (most > BLOCK_BYTES - this.used) this.handOver();
    this.used += this.block.write(text, this.used);
  }

  flushSync(withinMs = MAX_FLUSH_MS): void {
    this.handOver();
    this.out.flush(withinMs);
  }

  /** Stops writing; the descriptor stays as it is. */
  destroy(): void {
    clearInterval(this.timer);
    process.off('exit', this.onExit);
    this.out.destroy();
  }

  private readonly onExit = (): void => this.flushSync();

  private handOver(): void {
    if (this.used === 0) return;
    const piece = this.block.subarray(0, this.used);
    this.block = Buffer.allocUnsafe(BLOCK_BYTES);
    this.used = 0;
    this.tellOfDroppedLines();
    this.out.write(piece);
  }

  /** Reported when lines are accepted again, because an earlier notice would be dropped too. */
  private tellOfDroppedLines(): void {
    const { droppedLines } = this.out;
    const isTakenAgain = droppedLines === this.droppedBefore;
    this.droppedBefore = droppedLines;
    if (!isTakenAgain || droppedLines === this.toldOfDropped) return;
    const lines = droppedLines - this.toldOfDropped;
    const notice = { level: 'error', time: new Date().toISOString(), event: 'log_lines_dropped', lines };
    this.out.write(Buffer.from(`${JSON.stringify(notice)}\n`));
    this.toldOfDropped = droppedLines;
  }
}
