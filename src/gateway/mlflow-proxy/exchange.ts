import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Dispatcher } from 'undici';
import { ProblemError } from '../../lib/http/problem-error.js';
import type { RequestContext } from '../../platform/request/request-context.js';
import { sendProblem } from '../../platform/request/problem-response.js';
import type { Principal } from '../principal/principal.js';
import { answerHeaders } from './headers/answer-headers.js';
import type { AnswerPlace } from './headers/answer-rewrite.js';
import type { AnswerSink, SinkMaker } from './answers/answer-shape.js';
import { AnswerWriter } from './answer-writer.js';
import type { KeyedExchange } from './open-exchanges.js';
import type { NoRoom } from './upstream/concurrency-limit.js';
import type { Seat, Waiter } from './upstream/lanes.js';
import type { Outcome } from './proxy.metrics.js';
import type { ProxyParts } from './proxy-parts.js';
import type { Connection } from '../mlflow-upstream/upstream-pool.js';
import { arrivedBody, hasBody, UploadBody, type Recipient } from './upload-body.js';
import { classifyFault, ClientGoneError, mayRepeat, type Fault } from './upstream/upstream-fault.js';

/** Who asks for what. */
export interface ExchangePlan {
  readonly principal: Principal;
  readonly path: string;
  /** Flat name-value pairs for MLflow. */
  readonly headers: string[];
  readonly place: AnswerPlace;
  /** Whose credential MLflow sees: a 401 is about that one. */
  readonly signIn: 'gateway' | 'client';
  /** Longest wait for the answer to begin and to go on, where it is not the pool's. */
  readonly timeoutMs: number | undefined;
  /** Sent instead of the request's own body. */
  readonly body: Buffer | undefined;
  /** The shapes that the answer passes, last one first; undefined for nearly all. */
  readonly sinks: readonly SinkMaker[] | undefined;
}

/**
 * One request to MLflow and its answer: it waits for its turn, is dispatched, perhaps again on a fresh connection, and
 * settles exactly once. undici calls it as its handler.
 */
export class Exchange implements Dispatcher.DispatchHandler, Waiter, KeyedExchange, Recipient {
  /** The pooled connection that undici chose; set before it starts. */
  connection: Connection | undefined;
  seat: Seat | undefined;
  place = -1;
  principal: Principal;
  readonly subject: string;
  readonly clientIp: string;
  private readonly withBody: boolean;
  private readonly writer: AnswerWriter;
  /** Where the answer goes: to the writer, or first through sinks that change it. */
  private readonly sink: AnswerSink;
  private arrived: Buffer | undefined;
  private controller: Dispatcher.DispatchController | undefined;
  private settled = false;
  private entered = false;
  private clientGone = false;
  private attempts = 0;
  private reused = false;
  private answered = false;
  private status = 0;
  /** Of the answer, as MLflow gives it. */
  private contentLength: string | string[] | undefined;
  private bodyBytes = 0;
  private startedAtMs = 0;

  constructor(
    private readonly parts: ProxyParts,
    readonly request: IncomingMessage,
    private readonly response: ServerResponse,
    private readonly context: RequestContext,
    private readonly plan: ExchangePlan,
  ) {
    this.principal = plan.principal;
    this.subject = plan.principal.subject;
    this.clientIp = context.clientIp;
    this.withBody = hasBody(request) || plan.body !== undefined;
    this.arrived = plan.body;
    const writer = (this.writer = new AnswerWriter(response, context, this, parts.pace.idleTimeoutMs));
    this.sink = plan.sinks?.reduce<AnswerSink>((next, sink) => sink(next, this), writer) ?? writer;
  }

  /** Asks for a turn; refuses if there is no room to wait. */
  run(): void {
    this.response.on('close', this.onClose);
    this.response.on('error', ignore);
    this.parts.exchanges.add(this);
    const noRoom = this.parts.limit.enter(this);
    if (noRoom !== undefined) this.turnAway(noRoom);
  }

  /** Too much for the gateway is 503; too much for this key, while others find room, is 429. */
  private turnAway({ cause, retryAfterSeconds }: NoRoom): void {
    this.parts.metrics.queueRejections.inc({ cause });
    const full = cause === 'queue_full';
    this.settle(full ? 'overloaded' : 'refused');
    const options = { retryAfterSeconds, reason: cause };
    this.answer(new ProblemError(full ? 'overloaded' : 'key-overloaded', options));
  }

  refuse(problem: ProblemError): void {
    if (this.settled) return;
    this.parts.metrics.endedWithKey();
    this.parts.limit.cancel(this);
    this.settle('refused');
    this.answer(problem);
    // If undici is still connecting, it is aborted when it starts.
    this.controller?.abort(new ClientGoneError());
  }

  start(): void {
    this.entered = true;
    this.dispatch(this.parts.pool);
  }

  private dispatch(pool: Dispatcher): void {
    const { plan, request } = this;
    this.attempts++;
    this.controller = undefined;
    this.startedAtMs = this.parts.clock.monotonicMs();
    const options: Dispatcher.DispatchOptions = {
      path: plan.path,
      method: request.method as Dispatcher.HttpMethod,
      headers: plan.headers,
    };
    if (plan.timeoutMs !== undefined) options.headersTimeout = options.bodyTimeout = plan.timeoutMs;
    if (this.withBody) {
      this.arrived ??= arrivedBody(request, this);
      options.body = this.arrived ?? new UploadBody(request, this, this.parts.pace);
      // undici would close the connection after a DELETE or GET with a body.
      if (request.method !== 'HEAD') options.reset = false;
    }
    pool.dispatch(options, this);
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.controller = controller;
    this.reused = this.connection !== undefined && this.connection.served++ > 0;
    if (this.clientGone || this.settled) controller.abort(new ClientGoneError());
  }

  onResponseStart(
    controller: Dispatcher.DispatchController,
    status: number,
    headers: Record<string, string | string[] | undefined>,
    statusText?: string,
  ): void {
    if (status < 200) {
      this.informational(status, headers['link']);
      return;
    }
    if ((status === 401 || status === 407) && this.plan.signIn === 'gateway') {
      this.signInRefused(status, controller);
      return;
    }
    this.answered = true;
    this.status = status;
    this.contentLength = headers['content-length'];
    this.parts.metrics.answeredAfter((this.parts.clock.monotonicMs() - this.startedAtMs) / 1000);
    const raw = (controller.rawHeaders ?? []) as Buffer[];
    this.sink.start(status, statusText, answerHeaders(raw, this.parts.upstream, this.plan.place));
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.bodyBytes += chunk.length;
    this.parts.readBuffers.passed(chunk.length);
    this.sink.data(chunk);
  }

  onResponseEnd(controller: Dispatcher.DispatchController): void {
    this.settle(this.status >= 500 ? 'answered_error' : 'answered');
    this.sink.end(controller.rawTrailers as Buffer[] | null);
  }

  onResponseError(_controller: Dispatcher.DispatchController | null, error: Error): void {
    if (this.settled) return;
    const fault = classifyFault(this.clientGone ? new ClientGoneError() : error);
    const state = {
      method: this.request.method ?? '',
      hasBody: this.withBody,
      sent: this.controller !== undefined,
      reused: this.reused,
      answered: this.answered,
      attempts: this.attempts,
    };
    if (mayRepeat(fault.kind, state)) {
      this.parts.metrics.retry(fault.kind);
      this.connection = undefined;
      this.dispatch(this.parts.freshPool);
    } else this.fail(fault);
  }

  received(bytes: number): void {
    this.context.bytesIn += bytes;
    this.parts.readBuffers.passed(bytes);
  }

  /** Not after the last byte: if MLflow closed a paused connection then, undici would report a broken answer. */
  pause(): void {
    if (this.bodyBytes !== Number(this.contentLength ?? NaN)) this.controller?.pause();
  }

  resume(): void {
    if (!this.settled) this.controller?.resume();
  }

  replace(problem: ProblemError): void {
    // Once MLflow's answer is over, the exchange keeps its outcome.
    if (!this.settled) this.settle('fault');
    this.answer(problem);
    this.controller?.abort(new ClientGoneError());
  }

  unsendable(error: Error): void {
    this.parts.logger.error('proxy_internal_error', {
      request_id: this.context.requestId,
      error: error.message,
    });
    if (this.settled) this.answer(new ProblemError('mlflow-unreachable', { reason: 'unsendable' }));
    else this.fail(classifyFault(error));
    this.controller?.abort(error);
  }

  /** MLflow refuses the gateway, not the key. With its challenge the client would look for another key. */
  private signInRefused(status: number, controller: Dispatcher.DispatchController): void {
    this.parts.signInNotice.refused(status);
    this.parts.metrics.fault('sign_in');
    this.settle('fault');
    this.answer(new ProblemError('mlflow-sign-in', { reason: 'sign_in' }));
    controller.abort(new ClientGoneError());
  }

  private informational(status: number, link: string | string[] | undefined): void {
    const { response } = this;
    if (this.writer.begun || response.destroyed || this.request.httpVersion !== '1.1') return;
    // Another answer is being sent on the connection: Node would hold this one back and send it after the final head.
    if (response.socket === null) return;
    if (status === 102) response.writeProcessing();
    else if (status === 103 && link !== undefined) {
      try {
        response.writeEarlyHints({ link });
      } catch {
        // A hint that Node finds malformed is only a hint.
      }
    }
  }

  private fail(fault: Fault): void {
    const { context, parts } = this;
    if (fault.problem === undefined) {
      parts.metrics.clientAbort(!this.entered ? 'queued' : this.answered ? 'answering' : 'waiting');
      context.reason ??= 'client_gone';
      this.settle('client_aborted');
      this.response.destroy();
      return;
    }
    const problem = new ProblemError(fault.problem, { reason: fault.kind });
    this.settle(problem.status < 500 ? 'refused' : 'fault');
    parts.metrics.fault(fault.kind);
    parts.logger.warn('mlflow_upstream_fault', {
      request_id: context.requestId,
      kind: fault.kind,
      code: fault.code,
      attempts: this.attempts,
      phase: this.answered ? 'answering' : this.controller ? 'waiting' : 'connecting',
    });
    this.answer(problem);
  }

  /** Answers with a problem, or cuts an answer that has begun: a normal end would make it look complete. */
  private answer(problem: ProblemError): void {
    const { context, response, writer } = this;
    context.noteProblem(problem);
    if (writer.begun) context.cutStatus = problem.status;
    writer.discard();
    if (!response.destroyed) sendProblem(response, problem, context.requestId);
  }

  private readonly onClose = (): void => {
    this.writer.close();
    if (this.settled) return;
    this.clientGone = true;
    if (this.controller) this.controller.abort(new ClientGoneError());
    else if (this.parts.limit.cancel(this)) this.fail(classifyFault(new ClientGoneError()));
    // Else undici is still connecting: it is told when it starts.
  };

  private settle(outcome: Outcome): void {
    if (this.settled) return;
    this.settled = true;
    this.parts.metrics.ended(outcome);
    this.parts.exchanges.delete(this);
    if (this.entered) this.parts.limit.leave(this);
  }
}

/** Without a listener an error of the response would end the process. Its `close` event is enough here. */
function ignore(): void {}
