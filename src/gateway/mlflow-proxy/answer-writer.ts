import type { ServerResponse } from 'node:http';
import { cutAnswer } from '../../platform/request/cut-answer.js';
import { answerStatusText, answerTrailers, type AnswerHead } from './headers/answer-headers.js';

/** Up to here, joining a body to its head costs less than writing two pieces. */
const MAX_JOINED_BYTES = 16 * 1024;
/** Bytes that may wait for one client before MLflow's answer is paused. */
const MAX_WAITING_BYTES = 256 * 1024;

/** Counts what was sent to the client. */
export interface ByteCount {
  bytesOut: number;
}

/** What the exchange does if the client's buffer is full, or if the head cannot be sent. */
export interface Flow {
  pause(): void;
  resume(): void;
  /** Node refused the head. Nothing was sent, and this answer cannot be sent. */
  unsendable(error: Error): void;
}

/**
 * Writes one answer to the client. The head waits until the end of the event loop's turn, so that a small answer leaves
 * in one write. The head of an event stream does not wait for data either. All answers that wait leave right after each
 * other: their readers are woken once, not once each.
 *
 * Hot path: docs/decisions/0020-answers-leave-together.md.
 */
export class AnswerWriter {
  /** Whether any part has been handed to the socket: until then another answer can be sent in its place. */
  begun = false;
  private complete = false;
  private status = 0;
  private statusText = '';
  private head: AnswerHead | undefined;
  private held: Buffer | undefined;
  private stall: NodeJS.Timeout | undefined;
  private waiting = false;

  /** @param idleTimeoutMs longest time in which a client reads nothing; after it the connection is closed */
  constructor(
    private readonly response: ServerResponse,
    private readonly count: ByteCount,
    private readonly flow: Flow,
    private readonly idleTimeoutMs: number,
  ) {}

  start(status: number, statusText: string | undefined, head: AnswerHead): void {
    this.status = status;
    this.statusText = answerStatusText(statusText);
    this.head = head;
    if (leaving.push(this) === 1) setImmediate(sendLeaving);
  }

  data(chunk: Buffer): void {
    this.count.bytesOut += chunk.length;
    if (!this.begun && this.held === undefined) {
      this.held = chunk;
      return;
    }
    this.flush();
    if (!this.response.write(chunk)) this.awaitRoom();
  }

  end(rawTrailers: readonly (Buffer | string)[] | null | undefined): void {
    const { response } = this;
    const trailed = rawTrailers !== null && rawTrailers !== undefined && rawTrailers.length > 0;
    if (!this.begun && !trailed && (this.held?.length ?? 0) <= MAX_JOINED_BYTES) {
      this.complete = true;
      return;
    }
    if (!this.begun && !this.writeHead()) return;
    if (trailed) response.addTrailers(answerTrailers(rawTrailers));
    const last = this.held;
    this.held = undefined;
    if (last === undefined) response.end();
    else response.end(last);
    if (response.writableLength > 0) this.watchStall();
  }

  /** Sends what has come so far, if it is not sent yet. */
  leave(): void {
    if (!this.complete) {
      this.flush();
      return;
    }
    const { response, held } = this;
    this.held = undefined;
    if (response.destroyed || this.head === undefined || !this.writeHead()) return;
    // As a string it leaves with the head in one piece, not as a list of two.
    if (held === undefined) response.end();
    else response.end(held.toString('latin1'), 'latin1');
    if (response.writableLength > 0) this.watchStall();
  }

  /** Sends the held part of an answer that is not complete; does nothing if everything was sent already. */
  private flush(): void {
    if (this.head === undefined || this.begun) return;
    if (!this.writeHead()) return;
    const chunk = this.held;
    this.held = undefined;
    // `flushHeaders` would write the head as UTF-8; this write keeps it latin1, as MLflow sent it.
    if (!(chunk === undefined ? this.response.write('', 'latin1') : this.response.write(chunk)))
      this.awaitRoom();
  }

  /** Drops what was not sent yet, so that a problem can be sent instead. */
  discard(): void {
    this.head = undefined;
    this.held = undefined;
    this.close();
  }

  /** Ends all waiting; the response is gone. */
  close(): void {
    clearTimeout(this.stall);
    this.stall = undefined;
  }

  /** This runs between requests, where nothing would catch an error: one bad head must not stop all other answers. */
  private writeHead(): boolean {
    const { response, head } = this;
    if (head?.dated) response.sendDate = false;
    try {
      response.writeHead(this.status, this.statusText, head?.headers);
    } catch (error) {
      response.sendDate = true;
      response.statusMessage = '';
      this.discard();
      this.flow.unsendable(error as Error);
      return false;
    }
    this.begun = true;
    return true;
  }

  /** A chunk as large as the high-water mark is reported as full, even if the socket has taken it already. */
  private awaitRoom(): void {
    if (this.waiting || this.response.destroyed || this.response.writableLength <= MAX_WAITING_BYTES) return;
    this.waiting = true;
    this.flow.pause();
    this.watchStall();
    this.response.once('drain', () => {
      this.waiting = false;
      this.close();
      this.flow.resume();
    });
  }

  private watchStall(): void {
    const { response } = this;
    let left = response.writableLength;
    this.close();
    const check = (): void => {
      if (response.writableFinished || response.destroyed) return;
      if (response.writableLength === left) {
        cutAnswer(response);
        return;
      }
      left = response.writableLength;
      this.stall = setTimeout(check, this.idleTimeoutMs).unref();
    };
    this.stall = setTimeout(check, this.idleTimeoutMs).unref();
  }
}

let leaving: AnswerWriter[] = [];

function sendLeaving(): void {
  const writers = leaving;
  leaving = [];
  for (const writer of writers) writer.leave();
}
