import { jest } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { describeInChromium, startChromium, watchTraffic } from '../../support/browser/chromium.js';
import { startFakeAuthService, type FakeAuthService } from '../../support/servers/fake-auth-service.js';
import { startTestGateway, type TestGateway } from '../../support/systems/gateway.js';
import { startMlflowServer, type MlflowServer } from '../../support/mlflow/mlflow-server.js';
import { fill, signIn } from './filled-system.js';
import { describeGrantedTour } from './granted-tour.js';
import { downloadsWeights, screensOf, type UiVersion } from './screens.js';
import { lookAt, outsideOf, policyFaultsIn, refusedIn, type Visit } from './tour.js';
import { traceByRest } from './trace-by-rest.js';

jest.setTimeout(300_000);

const KEY = 'hk_live_0123456789abcdef0123456789abcdef';
const KEY_OF_FILLING = 'hk_live_fedcba9876543210fedcba9876543210';
const GRANTED_KEY = 'hk_live_00112233445566778899aabbccddeeff';

/** Of the same version, in which some screens are there for one kind of experiments alone. */
async function mark({ ui, filled }: Visit, kind: string): Promise<void> {
  const response = await fetch(`${ui}api/2.0/mlflow/experiments/set-experiment-tag`, {
    method: 'POST',
    headers: { authorization: `Bearer ${KEY_OF_FILLING}`, 'content-type': 'application/json' },
    body: JSON.stringify({
      experiment_id: filled.experimentId,
      key: 'mlflow.experimentKind',
      value: kind,
    }),
  });
  if (!response.ok) throw new Error(`no mark: ${await response.text()}`);
}

describeInChromium('4: the UI of each MLflow version', () => {
  let auth: FakeAuthService;
  let browser: Browser;
  beforeAll(async () => {
    [auth, browser] = await Promise.all([startFakeAuthService(), startChromium()]);
    auth.know(KEY);
    auth.know(KEY_OF_FILLING);
  });
  afterAll(async () => {
    await browser?.close();
    await auth?.close();
  });

  async function signedIn(ui: string, key: string): Promise<Page> {
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
    const page = await context.newPage();
    await signIn(page, ui, key);
    return page;
  }

  // The UI of today is in `ui-tour.spec.ts`.
  describe.each<UiVersion>(['2.22', '3.1', '3.5'])('%s under the default policy', (version) => {
    let server: MlflowServer;
    let gateway: TestGateway;
    let visited: Visit;
    let kindOfExperiment: string | undefined;
    beforeAll(async () => {
      server = await startMlflowServer({ venv: `mlflow-${version}-venv` });
      gateway = await startTestGateway({
        MLFLOW_SERVER_URL: server.url,
        HOKUSAI_AUTH_SERVICE_URL: auth.url,
        SESSION_SECRETS: 'a-secret-of-sessions-of-the-tests',
      });
      const filled = await fill(gateway.url, KEY_OF_FILLING);
      if (version !== '3.5')
        filled.traceId = await traceByRest(`${gateway.url}/api/mlflow`, KEY_OF_FILLING, filled.experimentId);
      const ui = `${gateway.url}/mlflow/`;
      const page = await signedIn(ui, KEY);
      visited = { ui, page, filled, traffic: watchTraffic(page.context()) };
    });
    afterAll(async () => {
      await visited?.page.context().close();
      await gateway?.close();
      await server?.close();
    });

    it.each([...screensOf(version)])('shows $name', async (screen) => {
      if (screen.kind !== undefined && screen.kind !== kindOfExperiment) {
        kindOfExperiment = screen.kind;
        await mark(visited, screen.kind);
        // The page has read the kind before.
        await visited.page.reload();
      }
      await lookAt(visited, screen, `version-${version}-${screen.name}`);
    });

    it('downloads an artifact with equal bytes', async () => {
      expect(await downloadsWeights(visited)).toBe(true);
    });

    it('has a way out of its own', async () => {
      await visited.page.getByRole('link', { name: 'Session', exact: true }).waitFor();
    });

    it('asks for nothing outside of its prefix, and is refused nothing', () => {
      expect([policyFaultsIn(visited), outsideOf(visited)]).toEqual([[], []]);
      expect(refusedIn(visited, /^(401|403|5\d\d) /)).toEqual([]);
    });

    if (version === '2.22')
      describeGrantedTour(
        version,
        () => ({ ui: visited.ui, apiKey: KEY_OF_FILLING, filled: visited.filled }),
        (key) => {
          auth.know(GRANTED_KEY, { valid: true, key_id: 'granted', ...key });
          return signedIn(visited.ui, GRANTED_KEY);
        },
      );
  });
});
