import { ERROR_CATALOGUE, ERROR_TYPE_BASE } from '../../sdk/index.js';
import { ProbeError, type ProbeAnswer } from './http-probe.js';
import { faultOf, keyAccepted, problemOf, unreachable } from './gateway-answer.js';

function answer(status: number, body: unknown = {}): ProbeAnswer {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return { status, headers: {}, text, body: Buffer.from(text), durationMs: 1 };
}

function problem(name: keyof typeof ERROR_CATALOGUE): ProbeAnswer {
  const { status, detail } = ERROR_CATALOGUE[name];
  return answer(status, { type: ERROR_TYPE_BASE + name, detail });
}

describe('an answer of the gateway', () => {
  it.each(['constructor', '__proto__', 'toString'])(
    'of a type that nobody knows is judged by its status: %s',
    (name) => {
      expect(faultOf(answer(403, { type: ERROR_TYPE_BASE + name }), 'expected')).toMatchObject({
        fault: 'permission-denied',
      });
    },
  );

  it.each([
    ['invalid-api-key', 'key-refused'],
    ['insufficient-scope', 'scope-missing'],
    ['address-not-allowed', 'address-not-allowed'],
    ['endpoint-not-found', 'bad-prefix'],
    ['rate-limited', 'rate-limited'],
    ['auth-service-unavailable', 'auth-service-unavailable'],
    ['rate-limit-store-unavailable', 'redis-down'],
    ['mlflow-unreachable', 'mlflow-unreachable'],
    ['mlflow-timeout', 'mlflow-unreachable'],
    ['loop-detected', 'mlflow-unreachable'],
  ] as const)('%s is the fault %s, with something to do', (name, fault) => {
    const finding = faultOf(problem(name), 'expected');
    expect(finding).toMatchObject({ status: 'fail', fault, expected: 'expected' });
    expect(finding.seen).toContain(ERROR_CATALOGUE[name].detail);
    expect(finding.todo).toMatch(/\.$/);
  });

  it.each([
    [301, '', 'not-the-gateway'],
    [200, '<html>Log in</html>', 'not-the-gateway'],
    [401, 'Unauthorized', 'key-refused'],
    [403, 'Forbidden', 'permission-denied'],
    [403, 'Invalid Host header - possible DNS rebinding attack detected', 'mlflow-host-rejected'],
    [404, '<html></html>', 'bad-prefix'],
    [429, '', 'rate-limited'],
    [500, { error_code: 'INTERNAL_ERROR', message: 'x' }, 'mlflow-api-failing'],
    [502, '<html>Bad Gateway</html>', 'gateway-unhealthy'],
    [503, 'run `mlflow server` with `--serve-artifacts`', 'artifacts-off'],
    [503, '', 'gateway-unhealthy'],
    [504, '', 'gateway-unhealthy'],
  ] as const)('%d that is none of its own (%j) is the fault %s', (status, body, fault) => {
    expect(faultOf(answer(status, body), 'expected').fault).toBe(fault);
  });

  it('is known by the URI of its type alone', () => {
    expect(problemOf(problem('overloaded'))).toBe('overloaded');
    expect(problemOf(answer(503, { type: 'about:blank' }))).toBeUndefined();
    expect(problemOf(answer(503, 'not JSON'))).toBeUndefined();
  });
});

describe('whether the key was taken', () => {
  it.each(['mlflow-unreachable', 'mlflow-timeout', 'endpoint-forbidden', 'overloaded'] as const)(
    'it was, before %s',
    (name) => {
      expect(keyAccepted(problem(name))).toBe(true);
    },
  );

  it.each([
    'api-key-required',
    'invalid-api-key',
    'insufficient-scope',
    'auth-service-unavailable',
    'rate-limited',
  ] as const)('it was not, with %s', (name) => {
    expect(keyAccepted(problem(name))).toBe(false);
  });

  it("MLflow's own answers came after the key was taken, but for a 401, which MLflow does not give", () => {
    expect([200, 403, 404, 500].map((status) => keyAccepted(answer(status)))).toEqual([
      true,
      true,
      true,
      true,
    ]);
    expect(keyAccepted(answer(401))).toBe(false);
  });
});

describe('no answer', () => {
  it.each([
    ['dns', 'dns-failing'],
    ['tls', 'tls-failing'],
    ['refused', 'gateway-unreachable'],
    ['timeout', 'gateway-unreachable'],
  ] as const)('because of %s is the fault %s', (kind, fault) => {
    const error = new ProbeError(kind, 'h does not answer');
    expect(unreachable(error, 'gateway-unreachable', 'e', 't')).toMatchObject({
      fault,
      seen: 'h does not answer',
    });
  });

  it('for an unknown reason is not invented', () => {
    expect(() => unreachable(new TypeError('bug'), 'gateway-unreachable', 'e', 't')).toThrow('bug');
  });
});
