import { Catch, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { Request, Response } from 'express';
import type { ProblemError } from '../../lib/http/problem-error.js';
import { errorFields, Logger } from '../logging/logger.js';
import { sendProblem, toProblem } from './problem-response.js';
import { contextOf } from './request-context.js';

/** @returns whether it has answered */
export type ProblemAnswer = (problem: ProblemError, request: Request, response: Response) => boolean;

/** Turns everything that a guard or controller throws into the one error body. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  private first: ProblemAnswer | undefined;

  constructor(private readonly logger: Logger) {}

  /** Lets a part of the program answer some problems in its own way, such as with a page for a person. */
  answerFirst(answer: ProblemAnswer): void {
    this.first = answer;
  }

  catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    this.answer(error, http.getRequest<Request>(), http.getResponse<Response>());
  }

  /** The same for errors that Express meets before Nest does. */
  answer(error: unknown, request: Request, response: Response): void {
    const context = contextOf(request);
    const problem = toProblem(error);
    context.noteProblem(problem);
    if (problem.problem === 'internal-error')
      this.logger.error('internal_error', {
        request_id: context.requestId,
        ...errorFields(problem.cause ?? problem),
      });
    if (this.answeredFirst(problem, request, response)) return;
    sendProblem(response, problem, context.requestId);
  }

  /** An error in such a part must not leave the request without an answer. */
  private answeredFirst(problem: ProblemError, request: Request, response: Response): boolean {
    if (!this.first || response.headersSent) return false;
    try {
      return this.first(problem, request, response);
    } catch (error) {
      const { requestId } = contextOf(request);
      this.logger.error('internal_error', { request_id: requestId, ...errorFields(error) });
      return false;
    }
  }
}
