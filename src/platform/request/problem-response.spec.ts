import { ForbiddenException, NotFoundException } from '@nestjs/common';
import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { ProblemError } from '../../lib/http/problem-error.js';
import { sendProblem, toProblem } from './problem-response.js';

const REQUEST_ID = '7f3c1a52-6f5e-4b57-9a43-0f3d0f1f7a11';

describe('any thrown thing is an entry of the catalogue', () => {
  it('a problem stays as it is', () => {
    const problem = new ProblemError('conflict', { reason: 'key-not-usable' });
    expect(toProblem(problem)).toBe(problem);
  });

  it.each<[string, unknown, string]>([
    ['a route that is not there', new NotFoundException(), 'endpoint-not-found'],
    ['a body that is too large', Object.assign(new Error(), { status: 413 }), 'payload-too-large'],
    ['an unknown charset', Object.assign(new Error(), { status: 415 }), 'unsupported-media-type'],
    [
      'a body that ended early',
      Object.assign(new Error(), { status: 400, type: 'request.aborted' }),
      'bad-request',
    ],
    ['a status without an entry', new ForbiddenException(), 'internal-error'],
    ['a status that is no number', { status: '404' }, 'internal-error'],
    ['a programming error', new TypeError('x of undefined'), 'internal-error'],
    ['a text', 'boom', 'internal-error'],
    ['nothing', undefined, 'internal-error'],
    ['null', null, 'internal-error'],
  ])('%s', (_what, thrown, name) => {
    const problem = toProblem(thrown);
    expect(problem.problem).toBe(name);
    expect(problem.cause).toBe(thrown);
  });

  it('broken JSON is reported as such, without the text of the parser about the body', () => {
    const thrown = Object.assign(new SyntaxError('Unexpected token "hk_live_secret"'), {
      status: 400,
      type: 'entity.parse.failed',
    });
    const problem = toProblem(thrown);
    expect([problem.problem, problem.reason]).toEqual(['bad-request', 'json-invalid']);
    expect(problem.message).toBe('The body is not valid JSON. Correct it and send it again.');
  });
});

describe('a problem that is sent', () => {
  let sent: string;
  let response: ServerResponse;
  const open = (method: string): void => {
    sent = '';
    const request = Object.assign(new IncomingMessage(new Socket()), {
      method,
      httpVersionMajor: 1,
      httpVersionMinor: 1,
    });
    response = new ServerResponse(request);
    const write = (chunk: Buffer, _encoding: string, done: () => void): void => {
      sent += chunk.toString();
      done();
    };
    response.assignSocket(new Duplex({ read: () => undefined, write }) as Socket);
  };
  const problem = new ProblemError('auth-service-unavailable', { retryAfterSeconds: 7, reason: 'a-reason' });

  it('has its status, its headers and a body of exactly the length that is said', () => {
    open('GET');
    sendProblem(response, problem, REQUEST_ID);
    const [head = '', body = ''] = sent.split('\r\n\r\n');
    expect(head).toMatch(/^HTTP\/1\.1 503 /);
    expect(response.getHeaders()).toEqual({
      'content-type': 'application/problem+json',
      'content-length': Buffer.byteLength(body),
      'cache-control': 'no-store',
      'x-request-id': REQUEST_ID,
      'retry-after': '7',
    });
    expect(JSON.parse(body)).toEqual(problem.toBody(REQUEST_ID));
  });

  it('has the same headers and no body after HEAD', () => {
    open('HEAD');
    sendProblem(response, problem, REQUEST_ID);
    expect(sent).toMatch(/\r\n\r\n$/);
    expect(Number(response.getHeader('content-length'))).toBeGreaterThan(300);
  });

  it('cuts a response that has begun, so that it does not look complete', () => {
    open('GET');
    response.write('half of an answer');
    sendProblem(response, problem, REQUEST_ID);
    expect([response.destroyed, response.writableEnded]).toEqual([true, false]);
    expect(sent).not.toContain('auth-service-unavailable');
  });
});
