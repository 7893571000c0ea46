import { errorFromAnswer } from './error-mapping.js';
import { HokusaiError, RateLimitError, ValidationError } from '../errors.js';

function errorOf(
  status: number,
  body: unknown = {},
  headers: Record<string, string> = {},
): HokusaiError & { retryAfterSeconds?: number } {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return errorFromAnswer({ status, headers: new Headers(headers), text }, (raw) => raw.replaceAll('K', '*'));
}

describe('the class of an answer', () => {
  it.each([
    [400, 'ValidationError'],
    [401, 'AuthenticationError'],
    [403, 'PermissionDeniedError'],
    [404, 'NotFoundError'],
    [408, 'TimeoutError'],
    [409, 'ConflictError'],
    [422, 'ValidationError'],
    [429, 'RateLimitError'],
    [500, 'MlflowError'],
    [501, 'MlflowError'],
    [502, 'ServiceUnavailableError'],
    [503, 'ServiceUnavailableError'],
    [504, 'TimeoutError'],
  ])('with status %d alone is %s', (status, name) => {
    expect(errorOf(status)).toMatchObject({ name, status });
  });

  it.each([
    [400, 'RESOURCE_ALREADY_EXISTS', 'ConflictError'],
    [400, 'RESOURCE_DOES_NOT_EXIST', 'NotFoundError'],
    [500, 'TEMPORARILY_UNAVAILABLE', 'ServiceUnavailableError'],
    [500, 'DEADLINE_EXCEEDED', 'TimeoutError'],
    [500, 'PERMISSION_DENIED', 'PermissionDeniedError'],
    [500, 'INTERNAL_ERROR', 'MlflowError'],
    [418, 'SOMETHING_NEW', 'MlflowError'],
    [400, 'constructor', 'ValidationError'],
    [500, '__proto__', 'MlflowError'],
  ])('with status %d and MLflow’s %s is %s', (status, error_code, name) => {
    expect(errorOf(status, { error_code, message: 'm' })).toMatchObject({ name, errorCode: error_code });
  });
});

describe('what an error tells', () => {
  it('is the request id of the header, else of the body', () => {
    expect(errorOf(500, { request_id: 'b' }, { 'x-request-id': 'h' }).requestId).toBe('h');
    expect(errorOf(500, { request_id: 'b' }).requestId).toBe('b');
    expect(errorOf(500)).not.toHaveProperty('requestId');
  });

  it('is when there is room again', () => {
    const error = errorOf(429, {}, { 'retry-after': '7' });
    expect(error).toBeInstanceOf(RateLimitError);
    expect(error.retryAfterSeconds).toBe(7);
    expect(errorOf(503, {}, { 'retry-after': '3' }).retryAfterSeconds).toBe(3);
    expect(errorOf(429).retryAfterSeconds).toBeUndefined();
  });

  it.each([
    ['MLflow’s message', { message: 'm', detail: 'd' }, 'm'],
    ['a detail', { detail: 'd', title: 't' }, 'd'],
    ['a title', { title: 't' }, 't'],
    [
      'FastAPI’s list',
      { detail: [{ loc: ['body', 'max_results'], msg: 'must be above 0' }] },
      'body.max_results: must be above 0',
    ],
    ['a plain text', 'Endpoint disabled.\n', 'Endpoint disabled.'],
    ['a web page', '<html>', 'The server answered 400 without a readable message'],
    ['a list', '[1]', 'The server answered 400 without a readable message'],
  ])('is %s', (_, body, message) => {
    expect(errorOf(400, body).message).toBe(message);
  });

  it('is which fields were refused, where the server names them', () => {
    const errors = [{ field: 'name', message: 'must not be empty' }, 'odd', null, { field: 1 }];
    const error = errorOf(422, { message: 'bad', errors }) as ValidationError;
    expect(error.fields).toEqual([errors[0]]);
  });

  it('never holds a secret that the server echoes', () => {
    expect(errorOf(400, { message: 'the key K is bad' }).message).toBe('the key * is bad');
  });

  it('can be logged as JSON, with what to do', () => {
    const error = errorOf(401, { message: 'no', error_code: 'UNAUTHENTICATED' }, { 'x-request-id': 'r' });
    expect(JSON.parse(JSON.stringify(error))).toEqual({
      name: 'AuthenticationError',
      message: 'no',
      troubleshooting: expect.stringContaining('HOKUSAI_API_KEY'),
      status: 401,
      errorCode: 'UNAUTHENTICATED',
      requestId: 'r',
    });
  });
});
