import { ERROR_CATALOGUE, type ErrorName } from '../../contracts/errors/error-codes.js';
import { ProblemError } from './problem-error.js';

const REQUEST_ID = '7f3c1a52-6f5e-4b57-9a43-0f3d0f1f7a11';

describe('ProblemError', () => {
  it('has every member that RFC 9457, the MLflow client and the seeds read', () => {
    expect(new ProblemError('invalid-api-key').toBody(REQUEST_ID)).toEqual({
      type: 'https://docs.hokus.ai/errors/invalid-api-key',
      title: 'Invalid API key',
      status: 401,
      detail: 'Invalid or expired API key',
      instance: `urn:uuid:${REQUEST_ID}`,
      error_code: 'UNAUTHENTICATED',
      message:
        'Invalid or expired API key. Check MLFLOW_TRACKING_TOKEN, or ask your key administrator for a new key.',
      request_id: REQUEST_ID,
    });
  });

  it('keeps the reason out of the body', () => {
    const body = new ProblemError('invalid-api-key', { reason: 'expired' }).toBody(REQUEST_ID);
    expect(JSON.stringify(body)).not.toContain('reason');
  });

  it.each([
    [0, '1'],
    [0.2, '1'],
    [3.1, '4'],
    [30, '30'],
  ])('gives Retry-After as a whole number of at least one second: %p', (seconds, header) => {
    expect(new ProblemError('rate-limited', { retryAfterSeconds: seconds }).headers['retry-after']).toBe(
      header,
    );
  });

  it.each(Object.keys(ERROR_CATALOGUE) as ErrorName[])('%s reads as sentences', (name) => {
    const { message } = new ProblemError(name);
    expect(message).toMatch(/^[A-Z].*\.$/);
    expect(ERROR_CATALOGUE[name].detail).not.toMatch(/\.$/);
  });
});
