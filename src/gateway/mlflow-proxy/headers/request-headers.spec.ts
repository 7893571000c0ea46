import { ProblemError } from '../../../lib/http/problem-error.js';
import { connectionNames, requestHeaders, type RequestFacts } from './request-headers.js';

const FACTS: RequestFacts = {
  requestId: '123e4567-e89b-42d3-a456-426614174000',
  clientIp: '192.0.2.7',
  secure: false,
  keyId: null,
  userId: null,
  thirdParty: false,
  ownAuthorization: undefined,
  keepProviderCredentials: false,
};
const TRACEPARENT = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00';

const pairs = (flat: readonly string[]): [string, string][] =>
  flat.flatMap((name, i) => (i % 2 === 0 ? [[name, flat[i + 1] as string] as [string, string]] : []));
const sent = (raw: string[], facts: Partial<RequestFacts> = {}): [string, string][] =>
  pairs(requestHeaders(raw, { ...FACTS, ...facts }));
const valuesOf = (name: string, raw: string[], facts: Partial<RequestFacts> = {}): string[] =>
  sent(raw, facts)
    .filter(([given]) => given.toLowerCase() === name)
    .map(([, value]) => value);
const problemOf = (raw: string[]): string | undefined => {
  try {
    requestHeaders(raw, FACTS);
  } catch (error) {
    return (error as ProblemError).problem;
  }
  return undefined;
};

describe('requestHeaders', () => {
  it('keeps order, spelling and duplicates of what passes', () => {
    const raw = [
      'Accept',
      '*/*',
      'X-Custom',
      'a',
      'x-custom',
      'b',
      'CoOkIe',
      'c=1',
      'X-MLFLOW-WORKSPACE',
      'w',
    ];
    expect(sent(raw).slice(0, 5)).toEqual(pairs(raw));
  });

  it.each([
    ['Authorization', 'Bearer hk_live_x'],
    ['X-API-Key', 'k'],
    ['x-hokusai-api-key', 'k'],
    ['X-Goog-API-Key', 'k'],
    ['api-key', 'k'],
    ['API_Key', 'k'],
    ['x_goog_api-key', 'k'],
    ['X-MLflow-Authorization', 'Bearer k'],
    ['X-Hokusai-User-Id', 'admin'],
    ['X-HOKUSAI-ANYTHING', 'x'],
    ['X-Forwarded-For', '127.0.0.1'],
    ['X-Forwarded-Prefix', '/x'],
    // To a WSGI server these are the same as those with hyphens.
    ['X_Hokusai_User_Id', 'admin'],
    ['x_forwarded-for', '127.0.0.1'],
    ['X_API_Key', 'k'],
    ['X_MLflow-Guardrail_Bypass', 'true'],
    ['Forwarded', 'for=127.0.0.1'],
    ['X-Request-Id', 'forged'],
    ['Origin', 'https://evil.example'],
    ['Referer', 'https://evil.example/'],
    ['X-MLflow-Guardrail-Bypass', 'true'],
    ['Keep-Alive', 'timeout=5'],
    ['Proxy-Connection', 'keep-alive'],
    ['Proxy-Authorization', 'Basic x'],
    ['TE', 'trailers'],
    ['Trailer', 'x-sum'],
    ['Transfer-Encoding', 'chunked'],
    ['Upgrade', 'websocket'],
    ['HTTP2-Settings', 'x'],
    ['Expect', '100-continue'],
    ['Host', 'gateway.example'],
  ])('never passes on a client %s', (name, value) => {
    expect(sent([name, value])).not.toContainEqual([name, value]);
  });

  it("lets no cookie of a session through, not of the key service's console on the same host name either", () => {
    for (const name of ['mlflow_session', 'keys_session'])
      for (const prefix of ['', '__Host-', '__Secure-']) {
        expect(valuesOf('cookie', ['Cookie', `${prefix}${name}=sealed`])).toEqual([]);
        expect(valuesOf('cookie', ['Cookie', `a=b; ${prefix}${name}=sealed; c=d`])).toEqual(['a=b; c=d']);
      }
  });

  it('passes on other names with underscores', () => {
    expect(sent(['x_run_id', '1'])).toContainEqual(['x_run_id', '1']);
  });

  it('removes what Connection lists, and the header itself', () => {
    const raw = [
      'Connection',
      'close, X-One',
      'x-one',
      '1',
      'X-Two',
      '2',
      'connection',
      'x-TWO',
      'X-Three',
      '3',
    ];
    const names = sent(raw).map(([name]) => name.toLowerCase());
    expect(names).not.toContain('x-one');
    expect(names).not.toContain('x-two');
    expect(names).not.toContain('connection');
    expect(names).toContain('x-three');
  });

  it('lets no Connection header remove framing or what the gateway adds', () => {
    const raw = [
      'Connection',
      'content-length, x-request-id, x-forwarded-for, x-hokusai-api-key-id, via, traceparent',
      'Content-Length',
      '5',
    ];
    expect(valuesOf('content-length', raw)).toEqual(['5']);
    expect(valuesOf('x-request-id', raw)).toEqual([FACTS.requestId]);
    expect(valuesOf('x-forwarded-for', raw)).toEqual(['192.0.2.7']);
    expect(valuesOf('x-hokusai-api-key-id', raw, { keyId: 'k1' })).toEqual(['k1']);
    expect(valuesOf('via', raw)).toEqual(['1.1 mlflow-gateway']);
    expect(valuesOf('traceparent', raw)).toHaveLength(1);
  });

  it('says who the client is and how it came, once each', () => {
    const raw = ['Host', 'gw.example:8443', 'X-Forwarded-Host', 'forged', 'X-Forwarded-Proto', 'forged'];
    expect(valuesOf('x-forwarded-host', raw)).toEqual(['gw.example:8443']);
    expect(valuesOf('x-forwarded-proto', raw, { secure: true })).toEqual(['https']);
    expect(valuesOf('x-forwarded-host', [])).toEqual([]);
  });

  it('percent-encodes the identity', () => {
    expect(valuesOf('x-hokusai-user-id', [], { userId: 'zoë, admin\r\n' })).toEqual([
      'zo%C3%AB%2C%20admin%0D%0A',
    ]);
    expect(valuesOf('x-hokusai-api-key-id', [], { keyId: 'key 1' })).toEqual(['key%201']);
    expect(valuesOf('x-hokusai-user-id', [])).toEqual([]);
  });

  it('leaves the provider its credentials where the key came elsewhere', () => {
    const raw = [
      'Authorization',
      'Bearer sk',
      'x-api-key',
      'sk',
      'X-Goog-Api-Key',
      'g',
      'Api-Key',
      'az',
      'X-MLflow-Authorization',
      'k',
      'X-Hokusai-API-Key',
      'k',
    ];
    const facts = { keepProviderCredentials: true };
    expect(valuesOf('authorization', raw, facts)).toEqual(['Bearer sk']);
    expect(valuesOf('x-api-key', raw, facts)).toEqual(['sk']);
    expect(valuesOf('x-goog-api-key', raw, facts)).toEqual(['g']);
    expect(valuesOf('api-key', raw, facts)).toEqual(['az']);
    expect(valuesOf('x-mlflow-authorization', raw, facts)).toEqual([]);
    expect(valuesOf('x-hokusai-api-key', raw, facts)).toEqual([]);
  });

  describe('where MLflow sends the headers on to a third party', () => {
    const raw = [
      'Host',
      'gw.example',
      'Via',
      '1.1 proxy.corp.example',
      'User-Agent',
      'claude-cli/1',
      'Accept',
      '*/*',
    ];
    const facts = { thirdParty: true, keyId: 'k1', userId: 'u1' };

    it('they hold nothing of who asks, and nothing of the way here', () => {
      const names = sent(raw, facts).map(([name]) => name.toLowerCase());
      for (const name of ['via', 'x-forwarded-host', 'x-hokusai-user-id', 'x-hokusai-api-key-id'])
        expect(names).not.toContain(name);
      expect(valuesOf('x-forwarded-for', raw, facts)).toEqual(['192.0.2.1']);
      expect(JSON.stringify(sent(raw, facts))).not.toContain(FACTS.clientIp);
      expect(valuesOf('user-agent', raw, facts)).toEqual(['claude-cli/1']);
    });

    it.each([
      'Cookie',
      'X-Real-IP',
      'True-Client-IP',
      'CF-Connecting-IP',
      'X_Real_IP',
      'X-Amzn-Oidc-Data',
      'Remote-User',
    ])('a client %s stays here, and passes to MLflow elsewhere', (name) => {
      expect(sent([name, 'x'], facts)).not.toContainEqual([name, 'x']);
      if (!name.includes('_')) expect(sent([name, 'x'])).toContainEqual([name, 'x']);
    });

    it("the gateway's own credential comes with a user agent for which MLflow keeps it to itself", () => {
      const own = { ...facts, ownAuthorization: 'Bearer own' };
      expect(valuesOf('authorization', raw, own)).toEqual(['Bearer own']);
      expect(valuesOf('user-agent', raw, own)).toEqual(['mlflow-gateway']);
    });
  });

  it("adds the gateway's own credential, in place of the client's", () => {
    const raw = ['Authorization', 'Bearer client', 'User-Agent', 'x', 'Connection', 'authorization'];
    const facts = { ownAuthorization: 'Bearer own' };
    expect(valuesOf('authorization', raw, facts)).toEqual(['Bearer own']);
    expect(valuesOf('user-agent', raw, facts)).toEqual(['x']);
  });

  it('joins Via', () => {
    expect(valuesOf('via', ['Via', '1.0 fred', 'via', '1.1 alb (x)'])).toEqual([
      '1.0 fred, 1.1 alb (x), 1.1 mlflow-gateway',
    ]);
  });

  it('refuses two Host headers', () => {
    expect(problemOf(['Host', 'a', 'host', 'a'])).toBe('bad-request');
  });

  it('passes a valid trace on and restarts an invalid or doubled one', () => {
    const state = ['tracestate', 'a=1', 'tracestate', 'b=2'];
    expect(valuesOf('traceparent', ['traceparent', TRACEPARENT])).toEqual([TRACEPARENT]);
    expect(valuesOf('tracestate', ['traceparent', TRACEPARENT, ...state])).toEqual(['a=1', 'b=2']);
    for (const raw of [['traceparent', 'x'], ['traceparent', TRACEPARENT, 'Traceparent', TRACEPARENT], []]) {
      expect(valuesOf('traceparent', raw)[0]).toMatch(/^00-123e4567e89b42d3a456426614174000-/);
      expect(valuesOf('tracestate', [...raw, ...state])).toEqual([]);
    }
  });

  it('treats names that clients invent like any other, however many', () => {
    for (let i = 0; i < 2000; i++)
      expect(sent([`X-Hokusai-${i}`, 'x', `X-${i}`, 'y'])[0]).toEqual([`X-${i}`, 'y']);
  });
});

describe('connectionNames', () => {
  it.each([
    ['keep-alive', undefined],
    ['Close', undefined],
    ['keep-alive, X-A ,, x-b', ['x-a', 'x-b']],
    ['host, content-length', undefined],
  ])('%s lists %s', (value, names) => {
    expect(connectionNames(value)).toEqual(names);
  });
});
