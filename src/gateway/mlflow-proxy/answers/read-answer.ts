import type { AnswerReader } from '../../principal/forward-plan.js';
import type { AnswerHead } from '../headers/answer-headers.js';
import { headerOf, type AnswerSink, type SinkMaker } from './answer-shape.js';

/** Lets an answer pass as it comes, and shows it to a reader once all of it has passed. */
export function readAnswer(reader: AnswerReader): SinkMaker {
  return (next) => new ReadAnswer(next, reader);
}

class ReadAnswer implements AnswerSink {
  private chunks: Buffer[] | undefined;
  private bytes = 0;

  constructor(
    private readonly next: AnswerSink,
    private readonly reader: AnswerReader,
  ) {}

  start(status: number, text: string | undefined, head: AnswerHead): void {
    if (status >= 200 && status <= 299 && headerOf(head.headers, 'content-encoding') === undefined)
      this.chunks = [];
    this.next.start(status, text, head);
  }

  data(chunk: Buffer): void {
    this.bytes += chunk.length;
    if (this.bytes > this.reader.maxBytes) this.chunks = undefined;
    this.chunks?.push(chunk);
    this.next.data(chunk);
  }

  end(trailers: readonly (Buffer | string)[] | null | undefined): void {
    // Before the client has it: its next request may ask for what was learned.
    if (this.chunks !== undefined) this.reader.read(Buffer.concat(this.chunks));
    this.next.end(trailers);
  }
}
