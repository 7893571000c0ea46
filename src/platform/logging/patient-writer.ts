import { closeSync, writeSync } from 'node:fs';
import { openWithoutWaiting } from './open-without-waiting.js';

/** A full pipe is tried again after this time. The pause doubles each time the pipe is still full. */
const FIRST_RETRY_MS = 1;
const LAST_RETRY_MS = 100;
/** If a reader takes nothing for this time while the program waits for it, it has stopped reading. */
const STALLED_MS = 800;
const FLUSH_RETRY_MS = 5;
const MAX_WRITE_BYTES = 64 * 1024;
const NEWLINE = 10;

/**
 * Writes pieces in their order to a descriptor that may be full, and never waits in a system call: no thread hangs in
 * one when the process is to end. It always knows what was written, so that a flush continues where the last write
 * ended.
 *
 * Decision: docs/decisions/0025-log-writes-never-wait.md.
 */
export class PatientWriter {
  droppedLines = 0;
  private readonly fd: number;
  private readonly isOwn: boolean;
  private readonly waiting: Buffer[] = [];
  private waitingBytes = 0;
  private retry: NodeJS.Timeout | undefined;
  private retryMs = FIRST_RETRY_MS;

  /** @param maxWaitingBytes a piece that would go beyond it is dropped, and its lines are counted */
  constructor(
    fd: number,
    private readonly maxWaitingBytes: number,
  ) {
    const opened = openWithoutWaiting(fd);
    this.fd = opened.fd;
    this.isOwn = opened.isOwn;
  }

  write(piece: Buffer): void {
    if (this.waitingBytes + piece.length > this.maxWaitingBytes) {
      this.droppedLines += linesIn(piece);
      return;
    }
    this.waiting.push(piece);
    this.waitingBytes += piece.length;
    if (this.retry === undefined) this.writeOrRetry();
  }

  /** Waits for the reader for `withinMs`, and no longer than it goes on reading; drops and counts what is left. */
  flush(withinMs: number): void {
    const endsAt = performance.now() + withinMs;
    let stalledAt = performance.now() + STALLED_MS;
    while (this.waitingBytes > 0) {
      if (this.writeSome()) stalledAt = performance.now() + STALLED_MS;
      else if (performance.now() < Math.min(endsAt, stalledAt)) sleep(FLUSH_RETRY_MS);
      else break;
      if (performance.now() >= endsAt) break;
    }
    this.giveUp();
  }

  destroy(): void {
    this.giveUp();
    if (this.isOwn) closeSync(this.fd);
  }

  private readonly writeOrRetry = (): void => {
    this.retry = undefined;
    if (this.writeSome()) this.retryMs = FIRST_RETRY_MS;
    else this.retryMs = Math.min(this.retryMs * 2, LAST_RETRY_MS);
    if (this.waitingBytes > 0) this.retry = setTimeout(this.writeOrRetry, this.retryMs).unref();
  };

  /** Writes what is taken at once. @returns whether anything was */
  private writeSome(): boolean {
    let progress = false;
    for (let piece = this.waiting[0]; piece !== undefined; piece = this.waiting[0]) {
      const written = this.taken(piece);
      if (written === 0) return progress;
      progress = true;
      this.waitingBytes -= written;
      if (written === piece.length) this.waiting.shift();
      else this.waiting[0] = piece.subarray(written);
    }
    return progress;
  }

  /**
   * @returns bytes of the piece that need no further write: 0 if the descriptor is full, all if no write can succeed
   *   any more
   */
  private taken(piece: Buffer): number {
    try {
      return writeSync(this.fd, piece, 0, Math.min(piece.length, MAX_WRITE_BYTES));
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'EAGAIN' || code === 'EBUSY') return 0;
      // The reader is gone, or the disk is full: a log that cannot be written does not end the program.
      this.droppedLines += linesIn(piece);
      return piece.length;
    }
  }

  private giveUp(): void {
    clearTimeout(this.retry);
    this.retry = undefined;
    for (const piece of this.waiting) this.droppedLines += linesIn(piece);
    this.waiting.length = 0;
    this.waitingBytes = 0;
  }
}

/** Waits without the event loop: the process is about to end. */
function sleep(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

function linesIn(piece: Buffer): number {
  let lines = 0;
  for (let at = piece.indexOf(NEWLINE); at !== -1; at = piece.indexOf(NEWLINE, at + 1)) lines++;
  return lines;
}
