import { startTestGateway } from '../../support/systems/gateway.js';
import { ask as send, startAccessSetup, type AccessSetup, type Reply } from './setup.js';

const KEY = 'hk_live_0123456789abcdef0123456789abcdef';
const READER = 'hk_live_fedcba9876543210fedcba9876543210';
const SEARCH = '/mlflow/api/2.0/mlflow/experiments/search';

const bodyOf = ({ text }: Reply): Record<string, unknown> =>
  JSON.parse(text || '{}') as Record<string, unknown>;

describe('access to MLflow through the gateway', () => {
  let setup: AccessSetup;

  beforeAll(async () => {
    setup = await startAccessSetup({
      [KEY]: { key_id: 'k1' },
      [READER]: { key_id: 'k2', scopes: ['model:read'] },
    });
  });
  afterAll(() => setup?.close());
  beforeEach(() => {
    setup.mlflow.requests.length = 0;
  });
  const ask = (path: string, headers: Record<string, string> = {}, on = setup.gateway): Promise<Reply> =>
    send(on, KEY, path, { headers });

  const basic = `Basic ${Buffer.from(`user:${KEY}`).toString('base64')}`;

  it('needs the scope of what is asked for, and names it in a challenge', async () => {
    for (const path of [SEARCH, `/api${SEARCH}`]) {
      const reply = await ask(path, { authorization: `Bearer ${READER}` });
      expect(reply.status).toBe(403);
      expect(reply.headers['www-authenticate']).toBe(
        'Bearer realm="mlflow", error="insufficient_scope", scope="experiment:read"',
      );
      expect(bodyOf(reply)).toMatchObject({
        error_code: 'PERMISSION_DENIED',
        message: expect.stringContaining('lacks a required scope: experiment:read.') as string,
      });
    }
    expect(setup.mlflow.requests).toHaveLength(0);
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
    expect(bodyOf(reply)).toMatchObject({ error_code: 'PERMISSION_DENIED' });
    expect(setup.mlflow.requests).toHaveLength(0);
  });

  it('includes the assistant where that is allowed', async () => {
    const open = await startTestGateway({
      MLFLOW_SERVER_URL: setup.mlflow.url,
      HOKUSAI_AUTH_SERVICE_URL: setup.auth.url,
      ALLOW_ASSISTANT_API: 'true',
    });
    expect((await ask('/mlflow/ajax-api/3.0/mlflow/assistant/message', {}, open)).status).toBe(200);
    expect(setup.mlflow.requests.map(({ url }) => url)).toEqual(['/ajax-api/3.0/mlflow/assistant/message']);
    await open.close();
  });

  it.each([[{ 'sec-fetch-site': 'cross-site' }], [{ origin: 'https://evil.example' }], [{ origin: 'null' }]])(
    'is refused to pages of other sites that use the credentials of the browser: %j',
    async (headers) => {
      const reply = await ask(SEARCH, { authorization: basic, ...headers });
      expect(reply.status).toBe(403);
      expect(reply.headers['www-authenticate']).toBeUndefined();
      expect(setup.mlflow.requests).toHaveLength(0);
      expect((await ask(SEARCH, headers)).status).toBe(200);
    },
  );

  it("is given to the gateway's own pages and to programs with Basic", async () => {
    const own = { authorization: basic, origin: setup.gateway.url, 'sec-fetch-site': 'same-origin' };
    expect((await ask(SEARCH, own)).status).toBe(200);
    expect((await ask(SEARCH, { authorization: basic })).status).toBe(200);
  });
});
