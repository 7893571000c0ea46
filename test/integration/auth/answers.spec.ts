import { gzipSync } from 'node:zlib';
import { ERROR_CATALOGUE, type ErrorName } from '../../../src/contracts/errors/error-codes.js';
import { generateKey } from '../../../src/lib/keys/key-format.js';
import type { RecordedRequest } from '../../support/servers/recording-upstream.js';
import { sendJson } from '../../support/servers/recording-upstream.js';
import { ask, KEY, OTHER_KEY, startAuthSetup, withKey, type AuthSetup, type HeaderList } from './setup.js';
import type { ServerResponse } from 'node:http';

const INVALID = 'Bearer realm="mlflow", error="invalid_token"';
const basic = (user: string, password: string): string =>
  `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
const mistyped = (): string => {
  const key = generateKey('production');
  return key.slice(0, -1) + (key.endsWith('a') ? 'b' : 'a');
};

let setup: AuthSetup;
beforeAll(async () => {
  setup = await startAuthSetup({ env: { AUTH_TIMEOUT_MS: '700', AUTH_BREAKER_FAILURES: '10000' } });
});
afterAll(() => setup?.close());
beforeEach(() => {
  setup.auth.override();
  setup.mlflow.requests.length = 0;
  setup.auth.requests.length = 0;
});

/** Where a refusal says more than the catalogue: it names what is missing. */
const MESSAGES: Partial<Record<ErrorName, string>> = {
  'insufficient-scope':
    'The API key lacks a required scope: experiment:read. ' +
    'Ask your key administrator for a key with it, or with mlflow:access, which includes it.',
};

/** Everything a refusal is, and that MLflow heard nothing of it. */
async function expectProblem(
  headers: HeaderList,
  name: ErrorName,
  challenge: string | null,
  path?: string,
): Promise<Headers> {
  const { gateway, mlflow } = setup;
  const answer = await ask(gateway, headers, path);
  const entry = ERROR_CATALOGUE[name];
  const requestId = answer.headers.get('x-request-id');
  expect(answer.problem).toEqual({
    type: `https://docs.hokus.ai/errors/${name}`,
    title: entry.title,
    status: entry.status,
    detail: entry.detail,
    instance: `urn:uuid:${requestId}`,
    error_code: entry.errorCode,
    message: MESSAGES[name] ?? `${entry.detail}. ${entry.advice}`,
    request_id: requestId,
  });
  expect(answer.status).toBe(entry.status);
  expect(answer.headers.get('www-authenticate')).toBe(challenge);
  expect(answer.headers.get('cache-control')).toBe('no-store');
  expect(mlflow.requests).toEqual([]);
  return answer.headers;
}

describe('without a usable credential', () => {
  it('no key is 401 "API key required", challenged without an error', async () => {
    await expectProblem({}, 'api-key-required', 'Bearer realm="mlflow"');
    await expectProblem({}, 'api-key-required', 'Bearer realm="mlflow"', '/mlflow/version');
    expect(setup.auth.requests).toEqual([]);
  });

  it('a key in the query does not count unless that is allowed', () =>
    expectProblem({}, 'api-key-required', 'Bearer realm="mlflow"', `/api/mlflow/version?api_key=${KEY}`));

  it.each<[string, HeaderList]>([
    ['an empty key', { 'x-api-key': '' }],
    ['a scheme alone', { authorization: 'Bearer' }],
    ['an unknown scheme', { authorization: 'Negotiate abc' }],
    ['Basic without a password', { authorization: basic('user', '') }],
  ])('a malformed credential is 401: %s', async (_name, headers) => {
    await expectProblem(headers, 'malformed-credential', INVALID);
    expect(setup.auth.requests).toEqual([]);
  });

  it('two different keys are 400 without a challenge', async () => {
    await expectProblem({ ...withKey(), 'x-api-key': OTHER_KEY }, 'conflicting-credentials', null);
    expect(setup.auth.requests).toEqual([]);
  });

  it('a mistyped key of the own shape is refused without a call', async () => {
    await expectProblem(withKey(mistyped()), 'invalid-api-key', INVALID);
    expect(setup.auth.requests).toEqual([]);
    expect(setup.gateway.logs.of('auth_refused').at(-1)).toMatchObject({ reason: 'mistyped' });
  });
});

describe('what the auth service says of a key', () => {
  let number = 0;
  /** A key that no test has used. */
  const fresh = (): string => `hk_test_unused_in_other_tests_${number++}`;
  const future = '2999-01-01T00:00:00Z';

  it.each<[string, object, ErrorName, string | null]>([
    ['a no', { valid: false }, 'invalid-api-key', INVALID],
    ['yes and no', { valid: true, is_valid: false }, 'invalid-api-key', INVALID],
    [
      'an expiry in the past',
      { valid: true, expires_at: '2020-01-01T00:00:00Z' },
      'invalid-api-key',
      INVALID,
    ],
    ['another service', { valid: true, service_id: 'billing' }, 'invalid-api-key', INVALID],
    [
      'no scope',
      { valid: true, scopes: [] },
      'insufficient-scope',
      'Bearer realm="mlflow", error="insufficient_scope", scope="experiment:read"',
    ],
    ['another address', { valid: true, allowed_ips: ['192.0.2.0/24'] }, 'address-not-allowed', null],
    ['no address', { valid: true, allowed_ips: [] }, 'address-not-allowed', null],
  ])('%s', async (_name, answer, problem, challenge) => {
    const key = fresh();
    setup.auth.know(key, answer);
    // Once from the auth service, once from memory.
    await expectProblem(withKey(key), problem, challenge);
    await expectProblem(withKey(key), problem, challenge);
    expect(setup.auth.calls.filter((call) => call.apiKey === key).length).toBeLessThanOrEqual(2);
  });

  it('an unknown key is refused with the same text as every other', () =>
    expectProblem(withKey(fresh()), 'invalid-api-key', INVALID));

  it('ids that are integers are read as text, and reach MLflow and the log', async () => {
    const key = fresh();
    setup.auth.know(key, { valid: true, key_id: 17, user_id: 4 } as object);
    expect((await ask(setup.gateway, withKey(key))).status).toBe(200);
    expect(setup.mlflow.requests[0]?.headers).toMatchObject({
      'x-hokusai-user-id': '4',
      'x-hokusai-api-key-id': '17',
    });
    expect(setup.gateway.logs.of('auth_succeeded').at(-1)).toMatchObject({ key_id: '17', user_id: '4' });
  });

  it('an answer with the same member twice decides nothing, in either order', async () => {
    for (const text of ['{"valid":true,"valid":false}', '{"valid":false,"valid":true}']) {
      const key = fresh();
      setup.auth.know(key, (_call, response) => void response.end(text));
      await expectProblem(withKey(key), 'auth-service-unavailable', null);
    }
  });

  it('403 is 403, and is asked again each time', async () => {
    const key = fresh();
    setup.auth.know(key, (_call, response) => sendJson(response, 403, { detail: 'Forbidden' }));
    await expectProblem(withKey(key), 'key-forbidden', null);
    const calls = setup.auth.calls.length;
    await expectProblem(withKey(key), 'key-forbidden', null);
    expect(setup.auth.calls.length).toBe(calls + 1);
    setup.auth.know(key, { valid: true });
    expect((await ask(setup.gateway, withKey(key))).status).toBe(200);
  });

  it.each<[string, object]>([
    ['nothing more', {}],
    [
      'everything',
      {
        key_id: 'k',
        service_id: 'ml-platform',
        expires_at: future,
        scopes: ['mlflow:access'],
        allowed_ips: ['127.0.0.0/8', '::1'],
      },
    ],
    ['scopes null', { scopes: null }],
  ])('a yes with %s lets the request through', async (_name, facts) => {
    const key = fresh();
    setup.auth.know(key, { valid: true, ...facts });
    expect((await ask(setup.gateway, withKey(key))).status).toBe(200);
    expect((await ask(setup.gateway, withKey(key))).status).toBe(200);
    expect(setup.auth.calls.filter((call) => call.apiKey === key)).toHaveLength(1);
    expect(setup.mlflow.requests).toHaveLength(2);
  });

  type Fault = (request: RecordedRequest, response: ServerResponse) => unknown;
  const text =
    (status: number, type: string, body: string): Fault =>
    (_request, response) =>
      response.writeHead(status, { 'content-type': type }).end(body);
  const FAULTS: [string, Fault][] = [
    ['slow', () => undefined],
    [
      'slow in mid-body',
      (_r, response) => void response.writeHead(200, { 'content-length': '100' }).write('{"valid": '),
    ],
    ['HTML', text(200, 'text/html', '<html>Sign in</html>')],
    [
      'a redirect',
      (request, response) =>
        response.writeHead(307, { location: `http://${request.headers.host}/else` }).end(),
    ],
    [
      'a redirect with a yes',
      (_r, response) => response.writeHead(302, { location: '/' }).end('{"valid":true}'),
    ],
    ['429', (_r, response) => sendJson(response, 429, { valid: true })],
    ['500', (_r, response) => sendJson(response, 500, { valid: true })],
    [
      '503 with a refusal',
      (_r, response) => sendJson(response, 503, { detail: 'Invalid or expired API key' }),
    ],
    ['404', (_r, response) => sendJson(response, 404, { detail: 'Not Found' })],
    ['405', (_r, response) => sendJson(response, 405, {})],
    ['400', (_r, response) => sendJson(response, 400, {})],
    ['422', (_r, response) => sendJson(response, 422, {})],
    ['"API key required" always', (_r, response) => sendJson(response, 401, { detail: 'API key required' })],
    ['a 200 without a verdict', (_r, response) => sendJson(response, 200, { status: 'ok' })],
    ['a verdict that is a text', (_r, response) => sendJson(response, 200, { valid: 'true' })],
    ['broken JSON', text(200, 'application/json', '{"valid":true')],
    ['an empty 200', text(200, 'application/json', '')],
    ['201 with a yes', (_r, response) => sendJson(response, 201, { valid: true })],
    [
      'an oversized yes',
      (_r, response) => sendJson(response, 200, { valid: true, padding: 'x'.repeat(70_000) }),
    ],
    [
      'a yes that unpacks to 20 MB',
      (_r, response) =>
        response
          .writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' })
          .end(gzipSync(JSON.stringify({ valid: true, padding: 'x'.repeat(20_000_000) }))),
    ],
    ['a reset', (_r, response) => void response.destroy()],
  ];

  it.each(FAULTS)(
    'an auth service that answers %s is 503 with Retry-After, never a refusal',
    async (_name, fault) => {
      const key = fresh();
      setup.auth.override(fault);
      const headers = await expectProblem(withKey(key), 'auth-service-unavailable', null);
      expect(Number(headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
      expect(setup.auth.requests.every((request) => request.url === '/api/v1/keys/validate')).toBe(true);
      expect(setup.gateway.logs.of('auth_service_fault').length).toBeGreaterThan(0);
      // Nothing of it was remembered.
      setup.auth.override();
      setup.auth.know(key, { valid: true });
      expect((await ask(setup.gateway, withKey(key))).status).toBe(200);
    },
  );
});
