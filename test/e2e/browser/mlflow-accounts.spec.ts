import { jest } from '@jest/globals';
import type { Browser } from 'playwright-core';
import { ask, OWN_FETCH, signIn as signInByForm } from '../../integration/browser/session-client.js';
import { describeInChromium, picture, startChromium } from '../../support/browser/chromium.js';
import { startFakeAuthService, type FakeAuthService } from '../../support/servers/fake-auth-service.js';
import { startTestGateway, type TestGateway } from '../../support/systems/gateway.js';
import { startMlflowWithAccounts, type MlflowWithAccounts } from '../../support/mlflow/mlflow-accounts.js';
import { signIn } from './filled-system.js';

jest.setTimeout(180_000);

const KEY = 'hk_live_0123456789abcdef0123456789abcdef';
const NARROW_KEY = 'hk_live_fedcba9876543210fedcba9876543210';
const CURRENT = '/ajax-api/2.0/mlflow/users/current';

describeInChromium("19: an MLflow with accounts of its own (MLflow's basic-auth app)", () => {
  let mlflow: MlflowWithAccounts;
  let auth: FakeAuthService;
  let gateway: TestGateway;
  let browser: Browser;
  beforeAll(async () => {
    [mlflow, auth, browser] = await Promise.all([
      startMlflowWithAccounts(),
      startFakeAuthService(),
      startChromium(),
    ]);
    auth.know(KEY, { valid: true, key_id: 'k1', user_id: 'ana' });
    auth.know(NARROW_KEY, { valid: true, key_id: 'k2', user_id: 'ben', scopes: ['mlflow:read'] });
    gateway = await startTestGateway({
      MLFLOW_SERVER_URL: mlflow.url,
      MLFLOW_SERVER_USERNAME: mlflow.username,
      MLFLOW_SERVER_PASSWORD: mlflow.password,
      HOKUSAI_AUTH_SERVICE_URL: auth.url,
      SESSION_SECRETS: 'a-secret-of-sessions-of-the-tests',
    });
  });
  afterAll(async () => {
    await browser?.close();
    await gateway?.close();
    await auth?.close();
    await mlflow?.close();
  });

  const current = async (key: string): Promise<{ status: number; text: string }> => {
    const cookie = await signInByForm(gateway.url, key);
    return ask(`${gateway.url}/mlflow${CURRENT}`, { headers: { ...OWN_FETCH, cookie } });
  };

  it('its answer about the current user passes byte for byte', async () => {
    const authorization = `Basic ${Buffer.from(`${mlflow.username}:${mlflow.password}`).toString('base64')}`;
    const own = await ask(mlflow.url + CURRENT, { headers: { authorization } });
    expect(own.status).toBe(200);
    expect(own.text).toContain(mlflow.username);
    const passed = await current(KEY);
    expect([passed.status, passed.text]).toEqual([200, own.text]);
  });

  it("is hidden from a key that may not see accounts: the key's owner is shown", async () => {
    const { status, text } = await current(NARROW_KEY);
    expect([status, JSON.parse(text)]).toMatchObject([200, { user: { username: 'ben', is_admin: false } }]);
    expect(text).not.toContain(mlflow.username);
  });

  it("shows its account in its menu, and its Logout ends the gateway's session", async () => {
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
    const page = await context.newPage();
    await signIn(page, `${gateway.url}/mlflow/#/experiments`, KEY);
    await page.getByText(mlflow.username, { exact: true }).first().click();
    await picture(page, 'mlflow-accounts');
    await page.getByText('Logout').click();
    await page.locator('#key').waitFor();
    expect(await context.cookies()).toEqual([]);
    await context.close();
  });
});
