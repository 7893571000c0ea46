import { startFakeAuthService, type FakeAuthService } from '../../support/fake-auth-service.js';
import { startTestGateway, type TestGateway } from '../../support/gateway.js';
import { startRecordingUpstream, type RecordingUpstream } from '../../support/recording-upstream.js';
import { request } from 'node:http';

const KEY = 'hk_live_0123456789abcdef0123456789abcdef';
const READER = 'hk_live_fedcba9876543210fedcba9876543210';
const SEARCH = '/mlflow/api/2.0/mlflow/experiments/search';

interface Reply {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  body: Record<string, unknown>;
}

describe('access to MLflow through the gateway', () => {
  let auth: FakeAuthService;
  let mlflow: RecordingUpstream;
  let gateway: TestGateway;

  beforeAll(async () => {
    auth = await startFakeAuthService();
    auth.know(KEY, { valid: true, key_id: 'k1' });
    auth.know(READER, { valid: true, key_id: 'k2', scopes: ['model:read'] });
    mlflow = await startRecordingUpstream();
    gateway = await startTestGateway({ MLFLOW_SERVER_URL: mlflow.url, HOKUSAI_AUTH_SERVICE_URL: auth.url });
  });
  afterAll(async () => {
    await gateway?.close();
    await mlflow?.close();
    await auth?.close();
  });
  beforeEach(() => {
    mlflow.requests.length = 0;
  });

  /** Sends a path as it is written: fetch would tidy it up. */
  function ask(path: string, headers: Record<string, string> = {}, on = gateway): Promise<Reply> {
    return new Promise((resolve, reject) => {
      const { hostname, port } = new URL(on.url);
      const sent = request(
        { hostname, port, path, headers: { authorization: `Bearer ${KEY}`, ...headers } },
        (response) => {
          let text = '';
          response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
          response.on('end', () =>
            resolve({
              status: response.statusCode ?? 0,
              headers: response.headers,
              body: JSON.parse(text || '{}') as Record<string, unknown>,
            }),
          );
        },
      );
      sent.on('error', reject).end();
    });
  }

  const basic = `Basic ${Buffer.from(`user:${KEY}`).toString('base64')}`;

  it('needs the scope of what is asked for, and names it in a challenge', async () => {
    for (const path of [SEARCH, `/api${SEARCH}`]) {
      const reply = await ask(path, { authorization: `Bearer ${READER}` });
      expect(reply.status).toBe(403);
      expect(reply.headers['www-authenticate']).toBe(
        'Bearer realm="mlflow", error="insufficient_scope", scope="experiment:read"',
      );
      expect(reply.body).toMatchObject({
        error_code: 'PERMISSION_DENIED',
        message: expect.stringContaining('lacks a required scope: experiment:read.') as string,
      });
    }
    expect(mlflow.requests).toHaveLength(0);
  });

  it.each([
    '/mlflow/ajax-api/3.0/mlflow/assistant/message',
    '/api/mlflow/ajax-api/3.0/mlflow/assistant/message',
    '/mlflow/api/3.0/mlflow/assistant/message',
    '/mlflow//ajax-api//3.0/mlflow//assistant/message',
    '/mlflow/ajax-api/3.0/mlflow/%61ssistant/message',
    '/mlflow/ajax-api%2F3.0%2Fmlflow%2Fassistant%2Fmessage',
    '/mlflow/AJAX-API/3.0/mlflow/ASSISTANT',
  ])("does not include MLflow's assistant: %s", async (path) => {
    const reply = await ask(path);
    expect(reply.status).toBe(403);
    expect(reply.headers['www-authenticate']).toBeUndefined();
    expect(reply.body).toMatchObject({ error_code: 'PERMISSION_DENIED' });
    expect(mlflow.requests).toHaveLength(0);
  });

  it('includes the assistant where that is allowed', async () => {
    const open = await startTestGateway({
      MLFLOW_SERVER_URL: mlflow.url,
      HOKUSAI_AUTH_SERVICE_URL: auth.url,
      ALLOW_ASSISTANT_API: 'true',
    });
    expect((await ask('/mlflow/ajax-api/3.0/mlflow/assistant/message', {}, open)).status).toBe(200);
    expect(mlflow.requests.map(({ url }) => url)).toEqual(['/ajax-api/3.0/mlflow/assistant/message']);
    await open.close();
  });

  it.each([[{ 'sec-fetch-site': 'cross-site' }], [{ origin: 'https://evil.example' }], [{ origin: 'null' }]])(
    'is refused to pages of other sites that use the credentials of the browser: %j',
    async (headers) => {
      const reply = await ask(SEARCH, { authorization: basic, ...headers });
      expect(reply.status).toBe(403);
      expect(reply.headers['www-authenticate']).toBeUndefined();
      expect(mlflow.requests).toHaveLength(0);
      expect((await ask(SEARCH, headers)).status).toBe(200);
    },
  );

  it("is given to the gateway's own pages and to programs with Basic", async () => {
    const own = { authorization: basic, origin: gateway.url, 'sec-fetch-site': 'same-origin' };
    expect((await ask(SEARCH, own)).status).toBe(200);
    expect((await ask(SEARCH, { authorization: basic })).status).toBe(200);
  });
});
