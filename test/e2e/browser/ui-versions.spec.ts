import { jest } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import {
  describeInChromium,
  picture,
  startChromium,
  watchTraffic,
  type Traffic,
} from '../../support/chromium.js';
import { startFakeAuthService, type FakeAuthService } from '../../support/fake-auth-service.js';
import { startTestGateway, type TestGateway } from '../../support/gateway.js';
import { sharedMlflowOfPages, startMlflowServer, type MlflowServer } from '../../support/mlflow-server.js';
import { fill, signIn, type Filling } from './filled-system.js';
import { downloadsWeights, screensOf, type Screen, type UiVersion } from './screens.js';
import { traceByRest } from './trace-by-rest.js';

jest.setTimeout(300_000);

const KEY = 'hk_live_0123456789abcdef0123456789abcdef';
const KEY_OF_FILLING = 'hk_live_fedcba9876543210fedcba9876543210';

/** An MLflow of one version, filled, with a gateway before it and a person who is signed in. */
interface Visit {
  readonly gateway: TestGateway;
  readonly filled: Filling;
  readonly page: Page;
  readonly traffic: Traffic;
}

let auth: FakeAuthService;
let browser: Browser;

async function visit(mlflowUrl: string, env: Record<string, string> = {}): Promise<Visit> {
  const gateway = await startTestGateway({
    MLFLOW_SERVER_URL: mlflowUrl,
    HOKUSAI_AUTH_SERVICE_URL: auth.url,
    SESSION_SECRETS: 'a-secret-of-sessions-of-the-tests',
    ...env,
  });
  const filled = await fill(gateway.url, KEY_OF_FILLING);
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  const page = await context.newPage();
  await signIn(page, `${gateway.url}/mlflow/`, KEY);
  const traffic = watchTraffic(context);
  return { gateway, filled, page, traffic };
}

async function mark({ gateway, filled }: Visit, kind: string): Promise<void> {
  const response = await fetch(`${gateway.url}/api/mlflow/api/2.0/mlflow/experiments/set-experiment-tag`, {
    method: 'POST',
    headers: { authorization: `Bearer ${KEY}`, 'content-type': 'application/json' },
    body: JSON.stringify({
      experiment_id: filled.experimentId,
      key: 'mlflow.experimentKind',
      value: kind,
    }),
  });
  if (!response.ok) throw new Error(`no mark: ${await response.text()}`);
}

async function look(visited: Visit, { name, view, seen, kind }: Screen, version: string): Promise<void> {
  const { page, gateway, filled } = visited;
  if (kind !== undefined) await mark(visited, kind);
  await page.goto('about:blank');
  await page.goto(`${gateway.url}/mlflow/#/${view(filled)}`);
  await seen(page, filled).finally(() => picture(page, `version-${version}-${name}`));
}

/** What the policy or the pages complained of, and what they asked for elsewhere. */
function faults({ gateway, traffic }: Visit): string[] {
  const policy = traffic.errors.filter((error) => /Content Security Policy|EvalError/.test(error));
  const outside = traffic.requests
    .map(({ url }) => url)
    .filter((url) => /^https?:/.test(url) && !url.startsWith(`${gateway.url}/mlflow/`));
  const refused = traffic.failures.filter((failure) => /^(401|403|5\d\d) /.test(failure));
  return [...new Set([...policy, ...outside, ...refused.filter((one) => !one.includes('/assistant/'))])];
}

describeInChromium('4: the UI of each MLflow version', () => {
  beforeAll(async () => {
    [auth, browser] = await Promise.all([startFakeAuthService(), startChromium()]);
    auth.know(KEY);
    auth.know(KEY_OF_FILLING);
  });
  afterAll(async () => {
    await browser?.close();
    await auth?.close();
  });

  describe.each<UiVersion>(['2.22', '3.1', '3.5'])('%s under the default policy', (version) => {
    let server: MlflowServer;
    let visited: Visit;
    beforeAll(async () => {
      server = await startMlflowServer({ venv: `mlflow-${version}-venv` });
      visited = await visit(server.url);
      const { gateway, filled } = visited;
      if (version !== '3.5')
        filled.traceId = await traceByRest(`${gateway.url}/api/mlflow`, KEY_OF_FILLING, filled.experimentId);
    });
    afterAll(async () => {
      await visited?.page.context().close();
      await visited?.gateway.close();
      await server?.close();
    });

    it.each([...screensOf(version)])('shows $name', (screen) => look(visited, screen, version));

    it('downloads an artifact with equal bytes', async () => {
      const { page, gateway, filled } = visited;
      expect(await downloadsWeights(page, `${gateway.url}/mlflow/`, filled)).toBe(true);
    });

    it('has a way out of its own', async () => {
      await visited.page.getByRole('link', { name: 'Session', exact: true }).waitFor();
    });

    it('asks for nothing outside of its prefix, and is refused nothing', () => {
      expect(faults(visited)).toEqual([]);
    });
  });

  it('3.17 works under the strict policy, but for scripts in HTML previews', async () => {
    const { url } = await sharedMlflowOfPages();
    const visited = await visit(url, { UI_CONTENT_SECURITY_POLICY: 'strict' });
    for (const screen of screensOf('3.17')) {
      const seen: Screen['seen'] =
        screen.name === 'HTML'
          ? (page) => page.frameLocator('iframe').getByText('no script ran').waitFor()
          : screen.seen;
      await look(visited, { ...screen, seen }, '3.17-strict');
    }
    expect(await visited.page.getByRole('link', { name: 'Session', exact: true }).count()).toBe(0);
    // The script of the preview itself.
    expect(faults(visited)).toEqual([expect.stringMatching(/^Executing inline script violates/)]);
    await visited.page.context().close();
    await visited.gateway.close();
  });
});
