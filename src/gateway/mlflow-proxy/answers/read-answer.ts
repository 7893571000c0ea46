import type { AnswerReader } from '../../principal/forward-plan.js';
import type { AnswerHead } from '../headers/answer-headers.js';
import { headerOf, type AnswerSink, type SinkMaker } from './answer-shape.js';

/** Passes an answer on as it arrives, and gives it to a reader when it is complete. */
export function readAnswer(reader: AnswerReader): SinkMaker {
  return (next) => new ReadAnswer(next, reader);
}

class ReadAnswer implements AnswerSink {
  private readonly chunks: Buffer[] = [];
  private bytes = 0;
  private isGood = false;

  constructor(
    private readonly next: AnswerSink,
    private readonly reader: AnswerReader,
  ) {}

  start(status: number, text: string | undefined, head: AnswerHead): void {
    this.isGood = status >= 200 && status <= 299;
    if (headerOf(head.headers, 'content-encoding') !== undefined) this.bytes = Infinity;
    this.next.start(status, text, head);
  }

  data(chunk: Buffer): void {
    this.bytes += chunk.length;
    if (this.bytes > this.reader.maxBytes) this.chunks.length = 0;
    else this.chunks.push(chunk);
    this.next.data(chunk);
  }

  end(trailers: readonly (Buffer | string)[] | null | undefined): void {
    // Before the client has it: its next request may ask for what was learned.
    if (this.isGood)
      this.reader.read(this.bytes > this.reader.maxBytes ? undefined : Buffer.concat(this.chunks));
    this.next.end(trailers);
  }
}
