/** The result of a step, without anything that says who asked or for what. */
export interface SpanOutcome {
  readonly status: number;
  /** Only requests have both. */
  readonly method?: string;
  readonly route?: string;
}

/** One step of a request in its trace: the request itself, or a call that it makes to another program. */
export interface Span {
  /** W3C Trace Context, for whom this step asks. */
  readonly traceparent: string;
  /** Begins a call to another program within this step. */
  call(peer: 'mlflow' | 'auth-service'): Span;
  /** Once. */
  end(outcome: SpanOutcome): void;
}
