import { jest } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { describeInChromium, picture, startChromium, watchTraffic } from '../../support/chromium.js';
import { startFakeAuthService, type FakeAuthService } from '../../support/fake-auth-service.js';
import { startTestGateway } from '../../support/gateway.js';
import { sharedMlflow, startMlflowServer } from '../../support/mlflow-server.js';
import { signIn } from './filled-system.js';

jest.setTimeout(300_000);

const KEY = 'hk_live_0123456789abcdef0123456789abcdef';

/** Makes an experiment with one run by REST, which all versions have in common. */
async function makeRun(url: string): Promise<{ experimentId: string; runId: string }> {
  const call = async <T>(path: string, body: object): Promise<T> => {
    const response = await fetch(`${url}/api/mlflow/api/2.0/mlflow/${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${KEY}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
    return (await response.json()) as T;
  };
  const name = `an experiment of ${Date.now()}`;
  const { experiment_id: experimentId } = await call<{ experiment_id: string }>('experiments/create', {
    name,
  });
  const { run } = await call<{ run: { info: { run_id: string } } }>('runs/create', {
    experiment_id: experimentId,
    start_time: Date.now(),
    run_name: 'the run to see',
  });
  const runId = run.info.run_id;
  await call('runs/log-parameter', { run_id: runId, key: 'learning_rate', value: '0.1' });
  for (let step = 0; step < 5; step++)
    await call('runs/log-metric', {
      run_id: runId,
      key: 'loss',
      value: 1 / (step + 1),
      step,
      timestamp: Date.now(),
    });
  return { experimentId, runId };
}

describeInChromium('4: the UI of each MLflow version', () => {
  let auth: FakeAuthService;
  let browser: Browser;
  beforeAll(async () => {
    [auth, browser] = await Promise.all([startFakeAuthService(), startChromium()]);
    auth.know(KEY);
  });
  afterAll(async () => {
    await browser?.close();
    await auth?.close();
  });

  const visible = (page: Page, text: string): Promise<void> =>
    page.getByText(text).first().waitFor({ timeout: 60_000 });

  /** Opens the run list and the run in a session, and tells what the policy or the pages complained of. */
  async function tour(mlflowUrl: string, name: string, env: Record<string, string> = {}): Promise<Page> {
    const gateway = await startTestGateway({
      MLFLOW_SERVER_URL: mlflowUrl,
      HOKUSAI_AUTH_SERVICE_URL: auth.url,
      SESSION_SECRETS: 'a-secret-of-sessions-of-the-tests',
      ...env,
    });
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
    const { requests, errors } = watchTraffic(context);
    const page = await context.newPage();
    try {
      const { experimentId, runId } = await makeRun(gateway.url);
      await signIn(page, `${gateway.url}/mlflow/#/experiments/${experimentId}/runs`, KEY);
      // This one opens an experiment at its models, whatever the address says.
      if (name === '3.1') await page.getByText('Runs', { exact: true }).first().click();
      await visible(page, 'the run to see').finally(() => picture(page, `version-${name}-runs`));
      await page.goto(`${gateway.url}/mlflow/#/experiments/${experimentId}/runs/${runId}`);
      await visible(page, 'learning_rate').finally(() => picture(page, `version-${name}-run`));
      expect(errors.filter((error) => /Content Security Policy|EvalError/.test(error))).toEqual([]);
      const outside = requests.map(({ url }) => url).filter((url) => /^https?:/.test(url));
      expect(outside.filter((url) => !url.startsWith(`${gateway.url}/mlflow/`))).toEqual([]);
      return page;
    } finally {
      await gateway.close();
    }
  }

  it.each(['2.22', '3.1', '3.5'])(
    '%s works under the default policy, with a way out of its own',
    async (version) => {
      const server = await startMlflowServer({ venv: `mlflow-${version}-venv` });
      try {
        const page = await tour(server.url, version);
        await page.getByRole('link', { name: 'Session', exact: true }).waitFor();
        await page.context().close();
      } finally {
        await server.close();
      }
    },
  );

  it('3.17 works under the strict policy', async () => {
    const { url } = await sharedMlflow();
    const page = await tour(url, '3.17-strict', { UI_CONTENT_SECURITY_POLICY: 'strict' });
    expect(await page.getByRole('link', { name: 'Session', exact: true }).count()).toBe(0);
    await page.context().close();
  });
});
