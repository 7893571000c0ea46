import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ProblemError } from '../../../lib/http/problem-error.js';
import type { RequestContext } from '../../../platform/request/request-context.js';
import type { AnswerHead } from '../headers/answer-headers.js';

/** Takes an answer of MLflow piece by piece; the last one in a row writes it to the client. */
export interface AnswerSink {
  start(status: number, statusText: string | undefined, head: AnswerHead): void;
  data(chunk: Buffer): void;
  end(rawTrailers: readonly (Buffer | string)[] | null | undefined): void;
}

/** How a sink that cannot keep up holds MLflow back, or sends something else. */
export interface AnswerFlow {
  pause(): void;
  resume(): void;
  /** Answers with a problem in place of MLflow's answer, of which nothing has been passed on. */
  replace(problem: ProblemError): void;
}

/** The request whose answer may be shaped. */
export interface ShapedRequest {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly context: RequestContext;
  /** The mount that it came under, such as `/mlflow`. */
  readonly mount: string;
  /** Path and query as MLflow gets them. */
  readonly upstreamPath: string;
}

/** Puts a sink before the next one. */
export type SinkMaker = (next: AnswerSink, flow: AnswerFlow) => AnswerSink;

/** Changes answers on their way to the client. */
export interface AnswerShape {
  /** @returns undefined where answers to this request stay as they are */
  sinkFor(shaped: ShapedRequest): SinkMaker | undefined;
}

/** Injection token of an optional shape that is applied first, next to MLflow. */
export const ANSWER_SHAPE = Symbol('answer shape');

/** The value of the last header of that name in flat pairs; undefined if there is none. */
export function headerOf(flat: readonly string[], lowerName: string): string | undefined {
  for (let i = flat.length - 2; i >= 0; i -= 2)
    if ((flat[i] as string).toLowerCase() === lowerName) return flat[i + 1];
  return undefined;
}
