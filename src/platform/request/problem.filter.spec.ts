import type { Request, Response } from 'express';
import { ProblemError } from '../../lib/http/problem-error.js';
import { ProblemFilter } from './problem.filter.js';
import { attachContext, RequestContext } from './request-context.js';

function answered(filter: ProblemFilter, problem: ProblemError): { status: number; body: string } {
  const request = { url: '/', headers: {}, socket: { remoteAddress: '127.0.0.1' } } as unknown as Request;
  attachContext(request, new RequestContext(request, 0, 0));
  let body = '';
  const response = {
    req: request,
    headersSent: false,
    statusCode: 0,
    setHeader: () => undefined,
    end: (text: Buffer | string) => (body = text.toString()),
  } as unknown as Response;
  filter.answer(problem, request, response);
  return { status: response.statusCode, body };
}

describe('a problem', () => {
  const logged: string[] = [];
  const newFilter = (): ProblemFilter =>
    new ProblemFilter({ error: (event: string) => logged.push(event) } as never);
  const problem = new ProblemError('api-key-required');

  it('is answered by the surface that handles it, otherwise in the usual form', () => {
    const filter = newFilter();
    filter.answerFirst((_problem, _request, response) => Boolean(response.end('a page')));
    expect(answered(filter, problem).body).toBe('a page');
    filter.answerFirst(() => false);
    expect(answered(filter, problem)).toEqual({
      status: 401,
      body: expect.stringContaining('api-key-required'),
    });
  });

  it('is answered in the usual form if the surface fails: no request is left without an answer', () => {
    const filter = newFilter();
    filter.answerFirst(() => {
      throw new Error('a fault of the surface');
    });
    expect(answered(filter, problem).status).toBe(401);
    expect(logged).toEqual(['internal_error']);
  });
});
