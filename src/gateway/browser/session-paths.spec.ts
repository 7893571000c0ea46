import { isUnmeteredInSession, safeNext } from './session-paths.js';

describe('where a sign-in leads', () => {
  it.each([
    '/mlflow/',
    '/mlflow/?workspace=a%20b',
    '/mlflow/get-artifact?path=a/b&run_uuid=1',
    '/mlflow/session',
  ])('may be %s', (next) => {
    expect(safeNext(next)).toBe(next);
  });

  it.each([
    undefined,
    null,
    '',
    '/',
    '/mlflow',
    '/mlflowx/',
    '/api/mlflow/',
    'https://evil.example/mlflow/',
    '//evil.example/mlflow/',
    '/mlflow//evil.example',
    '/mlflow/\\evil.example',
    '/mlflow/../internal',
    '/mlflow/%2e%2e/internal',
    '/mlflow/a b',
    '/mlflow/\r\nSet-Cookie: a=b',
    '/mlflow/#/experiments',
    '/mlflow/%zz',
    '/mlflow/sign-in?why=refused',
    '/mlflow/sign-out',
    `/mlflow/${'x'.repeat(2048)}`,
  ])('is the UI itself for %j', (next) => {
    expect(safeNext(next)).toBe('/mlflow/');
  });
});

describe('what costs the key of a session nothing', () => {
  it.each([
    ['GET', '/mlflow/static-files/static/js/main.c2f5f8d4.js', true],
    ['HEAD', '/mlflow/static-files/a.js', true],
    ['POST', '/mlflow/static-files/a.js', false],
    ['GET', '/mlflow/ajax-api/3.0/mlflow/assistant/config', true],
    ['GET', '/mlflow/', false],
    ['GET', '/mlflow/static-files', false],
    ['GET', '/mlflow/x/static-files/a', false],
    ['GET', '/mlflow/ajax-api/2.0/mlflow/runs/search', false],
  ])('%s %s: %s', (method, path, expected) => {
    expect(isUnmeteredInSession(method, path, { allowAssistantApi: false })).toBe(expected);
  });

  it('does not include an assistant that is allowed', () => {
    const path = '/mlflow/ajax-api/3.0/mlflow/assistant/message';
    expect(isUnmeteredInSession('POST', path, { allowAssistantApi: true })).toBe(false);
  });
});
