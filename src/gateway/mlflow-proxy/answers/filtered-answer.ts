import { ProblemError } from '../../../lib/http/problem-error.js';
import type { AnswerFilter, AnswerRoom } from '../../principal/forward-plan.js';
import { toProblem } from '../../../platform/request/problem-response.js';
import type { AnswerHead } from '../headers/answer-headers.js';
import { without } from '../headers/request-headers.js';
import { headerOf, type AnswerFlow, type AnswerSink, type SinkMaker } from './answer-shape.js';

const JSON_TYPE = /^application\/json\s*(?:;|$)/i;
/** What is said of the bytes as MLflow sent them. */
const OF_BYTES = ['content-length', 'accept-ranges', 'etag', 'last-modified', 'content-range', 'trailer'];

/**
 * Holds an answer until it is complete, and sends the result of the filter. An answer that the filter cannot read is
 * never sent.
 */
export function filteredAnswer(filter: AnswerFilter, method: string, room?: AnswerRoom): SinkMaker {
  return (next, flow) => new FilteredAnswer(next, flow, { filter, room, withoutBody: method === 'HEAD' });
}

interface Filtering {
  readonly filter: AnswerFilter;
  readonly room: AnswerRoom | undefined;
  /** HEAD was asked. */
  readonly withoutBody: boolean;
}

/** Factor for the memory of an answer: the received pieces or the result, the joined body, and the notes about it. */
const COPIES = 3;

class FilteredAnswer implements AnswerSink {
  private held:
    { readonly status: number; readonly text: string | undefined; readonly head: AnswerHead } | undefined;
  private readonly chunks: Buffer[] = [];
  private bytes = 0;
  private failed = false;

  constructor(
    private readonly next: AnswerSink,
    private readonly flow: AnswerFlow,
    private readonly by: Filtering,
  ) {}

  start(status: number, text: string | undefined, head: AnswerHead): void {
    if (status < 200 || status > 299) {
      this.next.start(status, text, head);
      return;
    }
    this.held = { status, text, head };
    const readable =
      JSON_TYPE.test(headerOf(head.headers, 'content-type') ?? '') &&
      headerOf(head.headers, 'content-encoding') === undefined;
    if (!readable) this.fail('unreadable_answer');
  }

  data(chunk: Buffer): void {
    if (this.failed) return;
    if (this.held === undefined) {
      this.next.data(chunk);
      return;
    }
    this.bytes += chunk.length;
    if (this.bytes > this.by.filter.maxBytes) this.fail('long_answer');
    else this.hold(chunk);
  }

  private hold(chunk: Buffer): void {
    try {
      this.by.room?.grow(this.bytes * COPIES);
      this.chunks.push(chunk);
    } catch (error) {
      this.failed = true;
      this.chunks.length = 0;
      this.flow.replace(toProblem(error));
    }
  }

  end(trailers: readonly (Buffer | string)[] | null | undefined): void {
    if (this.failed) return;
    if (this.held === undefined) {
      this.next.end(trailers);
      return;
    }
    if (this.by.withoutBody) this.send(Buffer.alloc(0));
    else void this.change(Buffer.concat(this.chunks.splice(0)));
  }

  private async change(body: Buffer): Promise<void> {
    try {
      this.send(await this.by.filter.change(body));
    } catch (error) {
      if (error instanceof ProblemError) this.flow.replace(error);
      else this.fail('unreadable_answer', error);
    }
  }

  private send(body: Buffer): void {
    const { status, text, head } = this.held as NonNullable<typeof this.held>;
    const headers = without(head.headers, OF_BYTES);
    if (!this.by.withoutBody) headers.push('Content-Length', String(body.length));
    this.next.start(status, text, { ...head, headers });
    if (body.length > 0) this.next.data(body);
    this.next.end(null);
  }

  private fail(reason: string, cause?: unknown): void {
    this.failed = true;
    this.chunks.length = 0;
    this.flow.replace(new ProblemError('answer-unreadable', { reason, cause }));
  }
}
