import type { IncomingMessage } from 'node:http';

/**
 * Instructions of a guard for the proxy: the body, if it was read already, and how the request or its answer is to be
 * changed.
 */
export interface ForwardPlan {
  /** The body, whole, in place of the request's stream. */
  readonly body?: Buffer;
  /** The body is the client's own, byte for byte. */
  readonly isClientsBody?: true;
  /** Replaces the path or the query of the request; the query with its `?`, or empty. */
  readonly target?: { readonly rawPath?: string; readonly rawQuery?: string };
  /** Answered by the gateway: MLflow is not asked. */
  readonly answer?: ComposedAnswer;
  /** Changes MLflow's answer, once it is whole. */
  readonly answerFilter?: AnswerFilter;
  /**
   * Checks the resource that MLflow's answer names, which may have moved since the request was decided. `/authz`
   * cannot do this, because it does not see the answer.
   */
  readonly answerCheck?: AnswerFilter;
  /**
   * The same if the answer does not name the resource: awaited when the answer has begun, before any of it is passed
   * on.
   */
  readonly lookAgain?: LookAgain;
  /** Counts the memory of an answer while it is held. */
  readonly answerRoom?: AnswerRoom;
  /** Gets a copy of MLflow's answer while it is passed on. */
  readonly learn?: AnswerReader;
  /** MLflow's workspace; `null` for none. The client's own header is dropped. */
  readonly workspace?: string | null;
}

/**
 * Whether the request may be forwarded as the client sent it, and its answer passed on as MLflow gives it, unless things
 * move meanwhile.
 */
export function forwardsUnchanged({
  body,
  isClientsBody,
  target,
  answer,
  answerFilter,
  workspace,
}: ForwardPlan): boolean {
  if (target !== undefined || answer !== undefined || answerFilter !== undefined) return false;
  return workspace === undefined && (body === undefined || isClientsBody === true);
}

/** JSON that the gateway answers with. */
export interface ComposedAnswer {
  readonly status: number;
  readonly body: Buffer;
}

export interface AnswerFilter {
  /** Bytes of the longest answer that is held; a longer one becomes a fault. */
  readonly maxBytes: number;
  /**
   * @param body of an answer with a JSON type and a status from 200 to 299; all others pass as they are
   * @returns the body to send
   * @throws ProblemError to answer with in place of it
   */
  change(body: Buffer): Buffer | Promise<Buffer>;
}

/** @throws ProblemError to answer with in place of MLflow's answer */
export type LookAgain = () => Promise<void>;

/** Counts bytes as being in memory until the answer to the client is over. */
export interface AnswerRoom {
  /** @throws ProblemError `key-overloaded` and `overloaded` where there is no room */
  grow(toBytes: number): void;
}

export interface AnswerReader {
  /** Bytes of the longest answer that is shown. */
  readonly maxBytes: number;
  /** @param body of an answer with a status from 200 to 299; undefined for a longer one */
  read(body: Buffer | undefined): void;
}

const PLAN = Symbol('forward plan');

export function setForwardPlan(request: IncomingMessage, plan: ForwardPlan): void {
  (request as { [PLAN]?: ForwardPlan })[PLAN] = plan;
}

/** Undefined for nearly all requests: they are forwarded unchanged. */
export function forwardPlanOf(request: IncomingMessage): ForwardPlan | undefined {
  return (request as { [PLAN]?: ForwardPlan })[PLAN];
}
