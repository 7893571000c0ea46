import { HttpException } from '@nestjs/common';
import type { ServerResponse } from 'node:http';
import type { ErrorName } from '../../contracts/errors/error-codes.js';
import { HEADER_REQUEST_ID } from '../../contracts/http/headers.js';
import { PROBLEM_CONTENT_TYPE } from '../../contracts/errors/problem.js';
import { ProblemError } from '../../lib/http/problem-error.js';
import { cutAnswer } from './cut-answer.js';

const BY_STATUS: Record<number, ErrorName> = {
  400: 'bad-request',
  404: 'endpoint-not-found',
  405: 'method-not-allowed',
  408: 'request-timeout',
  413: 'payload-too-large',
  415: 'unsupported-media-type',
  431: 'headers-too-large',
};

/** Maps anything thrown to an entry of the catalogue; anything without an entry is an internal error. */
export function toProblem(error: unknown): ProblemError {
  if (error instanceof ProblemError) return error;
  const status =
    error instanceof HttpException
      ? error.getStatus()
      : (error as { status?: unknown } | null | undefined)?.status;
  if ((error as { type?: unknown } | null | undefined)?.type === 'entity.parse.failed')
    return new ProblemError('bad-request', {
      message: 'The body is not valid JSON. Correct it and send it again.',
      reason: 'json-invalid',
      cause: error,
    });
  const name = typeof status === 'number' ? BY_STATUS[status] : undefined;
  return new ProblemError(name ?? 'internal-error', { cause: error });
}

/** Sends a problem, unless the response has begun: then the connection is cut, so that nothing looks complete. */
export function sendProblem(response: ServerResponse, problem: ProblemError, requestId: string): void {
  if (response.headersSent) {
    cutAnswer(response);
    return;
  }
  const body = Buffer.from(JSON.stringify(problem.toBody(requestId)));
  response.statusCode = problem.status;
  response.setHeader('content-type', PROBLEM_CONTENT_TYPE);
  response.setHeader('content-length', body.length);
  response.setHeader('cache-control', 'no-store');
  response.setHeader(HEADER_REQUEST_ID, requestId);
  for (const [name, value] of Object.entries(problem.headers)) response.setHeader(name, value);
  response.end(response.req.method === 'HEAD' ? undefined : body);
}
