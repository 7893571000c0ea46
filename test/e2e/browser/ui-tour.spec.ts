import { jest } from '@jest/globals';
import { describeInChromium, watchTraffic } from '../../support/browser/chromium.js';
import { startFakeAuthService } from '../../support/servers/fake-auth-service.js';
import { startTestGateway } from '../../support/systems/gateway.js';
import { fill, signIn, startBrowsedSystem, type BrowsedSystem, type Filling } from './filled-system.js';
import { describeGrantedTour } from './granted-tour.js';
import { downloadsWeights, screensOf, type Screen } from './screens.js';
import { lookAt, openView, outsideOf, policyFaultsIn, refusedIn, type Visit } from './tour.js';

jest.setTimeout(300_000);

describeInChromium("MLflow's own UI of 3.17", () => {
  let browsed: BrowsedSystem;
  let filled: Filling;
  let keyOfFilling: string;
  beforeAll(async () => {
    browsed = await startBrowsedSystem();
    keyOfFilling = (await browsed.system.newKey()).api_key;
    filled = await fill(browsed.url, keyOfFilling);
  });
  afterAll(() => browsed?.close());

  describe("3: MLflow's own UI through the gateway", () => {
    let visitor: Visit;
    let apiKey: string;
    beforeAll(async () => {
      const { page, ...signedIn } = await browsed.signedIn({ key: { user_id: 'ana' } });
      ({ apiKey } = signedIn);
      visitor = { ui: `${browsed.url}/mlflow/`, page, filled, traffic: watchTraffic(page.context()) };
    });
    afterAll(() => visitor?.page.context().close());

    it.each([...screensOf('3.17')])('shows $name', (screen) =>
      lookAt(visitor, screen, `tour-${screen.name}`),
    );

    it('downloads an artifact with equal bytes', async () => {
      expect(await downloadsWeights(visitor)).toBe(true);
    });

    it('asks for nothing outside of its prefix, and is refused nothing but the assistant', () => {
      expect(outsideOf(visitor)).toEqual([]);
      expect(refusedIn(visitor)).toEqual([]);
      expect(policyFaultsIn(visitor)).toEqual([]);
    });

    it('5: the key stands in no request of the UI, and in nothing that the gateway writes', async () => {
      const metrics = await (await fetch(`${browsed.url}/metrics`)).text();
      const { cookies } = await visitor.page.context().storageState();
      const sealed = cookies[0]?.value ?? '';
      expect(sealed).not.toBe('');
      const { requests } = visitor.traffic;
      for (const text of [JSON.stringify(requests), metrics, browsed.system.gateway.logs.raw]) {
        expect(text).not.toContain(apiKey);
        expect(text).not.toContain(sealed);
      }
    });

    it('19: shows who is signed in, in its own account menu', async () => {
      await openView(visitor.page, 'experiments');
      await visitor.page.getByText('ana', { exact: true }).first().waitFor();
    });
  });

  it('4: works under the strict policy, but for scripts in HTML previews', async () => {
    const auth = await startFakeAuthService();
    auth.know(keyOfFilling);
    const strict = await startTestGateway({
      MLFLOW_SERVER_URL: browsed.system.mlflowUrl,
      HOKUSAI_AUTH_SERVICE_URL: auth.url,
      SESSION_SECRETS: 'a-secret-of-sessions-of-the-tests',
      UI_CONTENT_SECURITY_POLICY: 'strict',
    });
    const context = await browsed.browser.newContext({ viewport: { width: 1280, height: 800 } });
    const page = await context.newPage();
    await signIn(page, `${strict.url}/mlflow/`, keyOfFilling);
    const visitor: Visit = { ui: `${strict.url}/mlflow/`, page, filled, traffic: watchTraffic(context) };
    for (const screen of screensOf('3.17')) {
      const seen: Screen['seen'] =
        screen.name === 'HTML'
          ? (shown) => shown.frameLocator('iframe').getByText('no script ran').waitFor()
          : screen.seen;
      await lookAt(visitor, { ...screen, seen }, `version-3.17-strict-${screen.name}`);
    }
    expect(await page.getByRole('link', { name: 'Session', exact: true }).count()).toBe(0);
    // The script of the preview itself.
    expect(policyFaultsIn(visitor)).toEqual([expect.stringMatching(/^Executing inline script violates/)]);
    expect([outsideOf(visitor), refusedIn(visitor)]).toEqual([[], []]);
    await context.close();
    await strict.close();
    await auth.close();
  });

  describeGrantedTour(
    '3.17',
    () => ({ ui: `${browsed.url}/mlflow/`, apiKey: keyOfFilling, filled }),
    async (key) => (await browsed.signedIn({ key })).page,
  );
});
