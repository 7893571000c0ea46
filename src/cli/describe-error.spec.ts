import * as sdk from '../sdk/index.js';
import { CliError } from './cli-error.js';
import { describeError } from './describe-error.js';

describe('the exit code', () => {
  it.each([
    [new sdk.ConfigurationError(['X must be set']), 2],
    [new sdk.ValidationError('bad'), 2],
    [new sdk.AuthenticationError('no'), 3],
    [new sdk.PermissionDeniedError('no'), 3],
    [new sdk.NotFoundError('none'), 4],
    [new sdk.ConnectionError('away'), 5],
    [new sdk.TimeoutError('slow'), 5],
    [new sdk.ServiceUnavailableError('down'), 5],
    [new sdk.MlflowError('x', { errorCode: 'INTERNAL_ERROR', status: 500 }), 5],
    [new sdk.ConflictError('revoked'), 6],
    [new sdk.RateLimitError('slow down'), 7],
    [new sdk.UnexpectedResponseError('html'), 1],
    [new sdk.MlflowError('x', { errorCode: 'OTHER', status: 418 }), 1],
    [new Error('bug'), 1],
    ['a text', 1],
  ])('of %s is %d', (error, code) => {
    expect(describeError(error).exitCode).toBe(code);
  });

  it('of an error of the command line is its own', () => {
    const error = new CliError('x', { exitCode: 130 });
    expect(describeError(error)).toBe(error);
  });
});

describe('the text', () => {
  it.each(['constructor', '__proto__'])('names any field that a server may name: %s', (field) => {
    const refused = new sdk.ValidationError('bad', { fields: [{ field, message: 'is odd' }] });
    expect(describeError(refused).message).toBe(`--${field.replaceAll('_', '-')}: is odd`);
  });

  it('names the refused fields by their options', () => {
    const fields = [
      { field: 'name', message: 'must not be empty' },
      { field: 'rate_limit_per_hour', message: 'must be a positive integer' },
    ];
    expect(describeError(new sdk.ValidationError('bad', { fields })).message).toBe(
      '--name: must not be empty; --rate-limit: must be a positive integer',
    );
  });

  it('gives the code of the system behind a failed connection, however deep', () => {
    const code = Object.assign(new Error('connect'), { code: 'ECONNREFUSED' });
    const cause = Object.assign(new Error('fetch failed'), { cause: { errors: [code] } });
    expect(describeError(new sdk.ConnectionError('GET could not be completed', { cause })).message).toBe(
      'Authentication service unavailable: GET could not be completed (ECONNREFUSED)',
    );
  });

  it('says how long to wait at a limit', () => {
    expect(describeError(new sdk.RateLimitError('x', { retryAfterSeconds: 12 })).next).toContain(
      '12 seconds',
    );
    expect(describeError(new sdk.RateLimitError('x')).next).toContain('Wait a minute');
  });

  it('sends to the address, not to the list of keys, where another server answers', () => {
    const elsewhere = new sdk.NotFoundError('No such endpoint', { errorCode: 'ENDPOINT_NOT_FOUND' });
    expect(describeError(elsewhere).next).toContain('HOKUSAI_AUTH_SERVICE_URL');
    const unclear = describeError(new sdk.NotFoundError('404 without a readable message')).next;
    expect(unclear).toContain('list-keys');
    expect(unclear).toContain('HOKUSAI_AUTH_SERVICE_URL');
    const noKey = new sdk.NotFoundError('No such key', { errorCode: 'RESOURCE_DOES_NOT_EXIST' });
    expect(describeError(noKey).next).toBe('"hokusai auth list-keys" shows the keys that there are.');
  });

  it('keeps the request id', () => {
    expect(describeError(new sdk.NotFoundError('x', { requestId: 'r-1' })).requestId).toBe('r-1');
  });

  it('always has a next step', () => {
    for (const error of [
      new sdk.NotFoundError('x'),
      new sdk.ConflictError('x'),
      new sdk.AuthenticationError('x'),
      new Error('x'),
    ])
      expect(describeError(error).next).toMatch(/\S/);
  });
});
