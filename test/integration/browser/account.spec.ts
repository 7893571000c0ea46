import { KEY, type AuthSetup } from '../auth/setup.js';
import { sendJson } from '../../support/servers/recording-upstream.js';
import { ask, OWN_FETCH, signIn, startSessionSetup, type Reply } from './session-client.js';

const CURRENT = '/mlflow/ajax-api/2.0/mlflow/users/current';
const ANA = { user: { id: 1, username: 'ana', is_admin: false }, is_basic_auth: true };
const OF_MLFLOW = { user: { id: 7, username: 'gateway', is_admin: true } };

describe("MLflow's account menu for a key that may not manage users", () => {
  let setup: AuthSetup;
  let cookie: string;
  beforeAll(async () => {
    setup = await startSessionSetup();
  });
  afterAll(() => setup.close());

  const signInWith = async (
    scopes: string[],
    key = `${KEY}${scopes.length}${scopes[0]?.length}`,
  ): Promise<void> => {
    setup.auth.know(key, { valid: true, key_id: 'k1', user_id: 'ana', scopes });
    cookie = await signIn(setup.gateway.url, key);
    setup.mlflow.requests.length = 0;
  };
  const get = (path: string, headers: Record<string, string> = {}): Promise<Reply> =>
    ask(setup.gateway.url + path, { headers: { ...OWN_FETCH, cookie, ...headers } });
  const mlflowAnswers = (status: number, body: object): void =>
    setup.mlflow.answer((_request, response) => sendJson(response, status, body));

  it.each([
    ['mlflow:read', 'has no accounts', 404],
    ['mlflow:read', 'has accounts of its own', 200],
    ['model:read', 'has accounts of its own', 200],
    ['mlflow:read', 'fails', 500],
  ])("shows the key's owner to %s where MLflow %s", async (scope, _what, status) => {
    await signInWith([scope]);
    mlflowAnswers(status, OF_MLFLOW);
    const reply = await get(CURRENT);
    expect([reply.status, JSON.parse(reply.text)]).toEqual([200, ANA]);
    for (const [path, body] of [
      ['roles/list?username=ana', { roles: [] }],
      ['current/permissions', { is_admin: false, permissions: [] }],
    ] as const)
      expect(JSON.parse((await get(`/mlflow/ajax-api/3.0/mlflow/users/${path}`)).text)).toEqual(body);
  });

  it("shows MLflow's own account to a key that may", async () => {
    await signInWith(['mlflow:access', 'mlflow:admin']);
    mlflowAnswers(200, OF_MLFLOW);
    expect(JSON.parse((await get(CURRENT)).text)).toEqual(OF_MLFLOW);
  });

  it.each([
    ['PATCH', '/mlflow/ajax-api/2.0/mlflow/users/update-password', 403],
    ['GET', '/mlflow/ajax-api/2.0/mlflow/users/list', 403],
    ['GET', '/mlflow/ajax-api/2.0/mlflow/users/get?username=ana', 403],
    ['POST', CURRENT, 404],
  ])('opens nothing else: %s %s never reaches MLflow', async (method, path, status) => {
    await signInWith(['mlflow:read']);
    const headers = { ...OWN_FETCH, cookie, origin: setup.gateway.url };
    const reply = await ask(setup.gateway.url + path, { method, headers });
    expect([reply.status, setup.mlflow.requests]).toEqual([status, []]);
  });

  it("shows nothing of MLflow's by another spelling of the path", async () => {
    await signInWith(['mlflow:read']);
    mlflowAnswers(200, OF_MLFLOW);
    for (const path of ['users%2fcurrent', 'users//current', 'users/curren%74'])
      expect((await get(`/mlflow/ajax-api/2.0/mlflow/${path}`)).text).not.toContain('gateway');
  });

  it('opens nothing to the same key in a header', async () => {
    await signInWith(['mlflow:read'], KEY);
    const program = await ask(setup.gateway.url + CURRENT, { headers: { authorization: `Bearer ${KEY}` } });
    expect([program.status, setup.mlflow.requests]).toEqual([403, []]);
  });
});
