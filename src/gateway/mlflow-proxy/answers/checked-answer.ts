import { ProblemError } from '../../../lib/http/problem-error.js';
import type { LookAgain } from '../../principal/forward-plan.js';
import type { AnswerHead } from '../headers/answer-headers.js';
import type { AnswerFlow, AnswerSink, SinkMaker } from './answer-shape.js';

/** Holds an answer at its beginning until the check allows it; then the answer is passed on as it arrives. */
export function checkedAnswer(check: LookAgain): SinkMaker {
  return (next, flow) => new CheckedAnswer(next, flow, check);
}

/** When its answer begins, MLflow has already read what it shows. A look-up after that is more recent. */
class CheckedAnswer implements AnswerSink {
  private state: 'passing' | 'waiting' | 'refused' = 'passing';
  /** What arrived before MLflow was paused. */
  private readonly chunks: Buffer[] = [];
  private isOver = false;
  private trailers: readonly (Buffer | string)[] | null | undefined;

  constructor(
    private readonly next: AnswerSink,
    private readonly flow: AnswerFlow,
    private readonly check: LookAgain,
  ) {}

  start(status: number, text: string | undefined, head: AnswerHead): void {
    if (status < 200 || status > 299) {
      this.next.start(status, text, head);
      return;
    }
    this.state = 'waiting';
    this.flow.pause();
    this.check().then(
      () => this.pass(status, text, head),
      (error: unknown) => this.refuse(error),
    );
  }

  data(chunk: Buffer): void {
    if (this.state === 'passing') this.next.data(chunk);
    else if (this.state === 'waiting') this.chunks.push(chunk);
  }

  end(trailers: readonly (Buffer | string)[] | null | undefined): void {
    if (this.state === 'passing') this.next.end(trailers);
    else {
      this.isOver = true;
      this.trailers = trailers;
    }
  }

  private pass(status: number, text: string | undefined, head: AnswerHead): void {
    this.state = 'passing';
    this.next.start(status, text, head);
    for (const chunk of this.chunks.splice(0)) this.next.data(chunk);
    if (this.isOver) this.next.end(this.trailers);
    else this.flow.resume();
  }

  private refuse(error: unknown): void {
    this.state = 'refused';
    this.chunks.length = 0;
    this.flow.replace(
      error instanceof ProblemError ? error : new ProblemError('answer-unreadable', { cause: error }),
    );
  }
}
