import { Catch, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { Request, Response } from 'express';
import { errorFields, Logger } from '../logging/logger.js';
import { sendProblem, toProblem } from './problem-response.js';
import { contextOf } from './request-context.js';

/** Turns whatever a guard or controller throws into the one error body. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(private readonly logger: Logger) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    this.answer(error, http.getRequest<Request>(), http.getResponse<Response>());
  }

  /** The same for errors that Express meets before Nest does. */
  answer(error: unknown, request: Request, response: Response): void {
    const context = contextOf(request);
    const problem = toProblem(error);
    context.reason ??= problem.reason ?? problem.problem;
    if (problem.problem === 'internal-error')
      this.logger.error('internal_error', {
        request_id: context.requestId,
        ...errorFields(problem.cause ?? problem),
      });
    sendProblem(response, problem, context.requestId);
  }
}
