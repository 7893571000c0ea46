import { loadGatewayConfigs } from '../../../src/gateway/config/gateway-config.module.js';
import { startRecordedProxy } from './proxy-harness.js';

const TOKEN = 'token-that-mlflow-wants';
type Harness = Awaited<ReturnType<typeof startRecordedProxy>>;

describe('an MLflow with a sign-in of its own', () => {
  let h: Harness;
  afterEach(() => h.close());

  /** Answers as MLflow's basic-auth app does, unless the right credential comes. */
  async function start(wanted: string, env: Record<string, string> = {}): Promise<void> {
    h = await startRecordedProxy(env);
    h.upstream.answer((request, response) => {
      if (request.headers.authorization === wanted) return void response.end('in');
      response.writeHead(401, { 'WWW-Authenticate': 'Basic realm="mlflow"', 'content-type': 'text/html' });
      response.end('You are not authenticated.');
    });
  }
  const get = (path = 'api/2.0/mlflow/experiments/search', headers: Record<string, string> = {}) =>
    fetch(`${h.proxy.url}/mlflow/${path}`, { headers });

  it.each([401, 407])(
    'its %d is 502 with a sentence and without its challenge, and one warning',
    async (status) => {
      await start('');
      h.upstream.answer((_request, response) => {
        response.writeHead(status, {
          'WWW-Authenticate': 'Basic realm="x"',
          'Proxy-Authenticate': 'Basic realm="x"',
        });
        response.end('no');
      });
      for (let n = 0; n < 3; n++) {
        const answer = await get();
        expect(answer.status).toBe(502);
        expect(answer.headers.get('www-authenticate')).toBeNull();
        expect(await answer.json()).toMatchObject({
          error_code: 'TEMPORARILY_UNAVAILABLE',
          detail: 'MLflow asks the gateway for a sign-in of its own',
        });
      }
      expect(h.proxy.logs.of('mlflow_sign_in_refused')).toMatchObject([{ level: 'warn', status }]);
      expect(await h.proxy.metric('mlflow_upstream_faults_total{kind="sign_in"}')).toBe(3);
      expect(await h.proxy.metric('mlflow_proxy_in_flight')).toBe(0);
    },
  );

  it.each([
    ['a token', { MLFLOW_SERVER_TOKEN: TOKEN }, `Bearer ${TOKEN}`],
    [
      'user and password',
      { MLFLOW_SERVER_USERNAME: 'gateway', MLFLOW_SERVER_PASSWORD: 'päss:word' },
      `Basic ${Buffer.from('gateway:päss:word').toString('base64')}`,
    ],
  ])("lets the gateway in by %s, whatever the client's own credential is", async (_title, env, wanted) => {
    await start(wanted, env);
    expect(await (await get()).text()).toBe('in');
    expect(await (await get(undefined, { authorization: 'Bearer hk_live_of_the_client' })).text()).toBe('in');
    expect(h.proxy.logs.raw).not.toContain(wanted);
  });

  it('on /gateway/* its credential reaches MLflow under a user agent for which it goes no further', async () => {
    await start(`Bearer ${TOKEN}`, { MLFLOW_SERVER_TOKEN: TOKEN });
    expect((await get('gateway/x/invocations', { 'user-agent': 'claude-cli/2' })).status).toBe(200);
    expect(h.upstream.requests.at(-1)!.headers['user-agent']).toBe('mlflow-gateway');
  });

  it("a provider's 401 reaches the client whose credential it is about", async () => {
    await start('', { LLM_AUTHORIZATION_PASSTHROUGH: 'true' });
    h.proxy.source = 'x-mlflow-authorization';
    expect((await get('gateway/x/invocations', { authorization: 'Bearer sk-of-the-client' })).status).toBe(
      401,
    );
    expect((await get()).status).toBe(502);
  });
});

it.each([
  [{ MLFLOW_SERVER_USERNAME: 'u' }, 'MLFLOW_SERVER_USERNAME and MLFLOW_SERVER_PASSWORD need each other'],
  [{ MLFLOW_SERVER_PASSWORD: 'p' }, 'MLFLOW_SERVER_USERNAME and MLFLOW_SERVER_PASSWORD need each other'],
  [{ MLFLOW_SERVER_USERNAME: 'a:b', MLFLOW_SERVER_PASSWORD: 'p' }, 'must have no colon'],
  [{ MLFLOW_SERVER_TOKEN: 'a b' }, 'MLFLOW_SERVER_TOKEN must be visible ASCII'],
  [
    { MLFLOW_SERVER_TOKEN: 't', MLFLOW_SERVER_USERNAME: 'u', MLFLOW_SERVER_PASSWORD: 'p' },
    'two ways of one sign-in',
  ],
  [
    { MLFLOW_SERVER_TOKEN: 't', LLM_AUTHORIZATION_PASSTHROUGH: 'true' },
    'LLM_AUTHORIZATION_PASSTHROUGH leaves',
  ],
])('a sign-in that cannot work ends the start: %j', (env, problem) => {
  expect(() => loadGatewayConfigs({ MLFLOW_SERVER_URL: 'http://mlflow:5000', ...env })).toThrow(problem);
});
