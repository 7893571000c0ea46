import type { BrowserContext, Page, Request } from 'playwright-core';
import { accessibilityFaults, describeInChromium, picture } from '../../support/browser/chromium.js';
import { eventually } from '../../support/lib/eventually.js';
import { runPython } from '../../support/programs/python-client.js';
import { signIn, startBrowsedSystem, type BrowsedSystem, type SignedIn } from './filled-system.js';

import { jest } from '@jest/globals';
jest.setTimeout(180_000);

const VIEW = '#/experiments';
const dialog = (page: Page) => page.getByRole('dialog', { name: 'Your session has ended' });

/** Makes MLflow's page ask for something, as a click would. */
const poke = (page: Page): Promise<number> =>
  page.evaluate("fetch('ajax-api/2.0/mlflow/experiments/search?max_results=1').then(({ status }) => status)");

/** The static files on their way: one that the next page cuts off is not in the browser's cache. */
function watchFiles(context: BrowserContext): { loaded(): Promise<void> } {
  const open = new Set<Request>();
  let begun = 0;
  context.on('request', (request) => {
    if (!request.url().includes('/static-files/static/')) return;
    open.add(request);
    begun++;
  });
  for (const event of ['requestfinished', 'requestfailed'] as const)
    context.on(event as 'requestfinished', (request) => open.delete(request));
  return {
    async loaded() {
      let [seen, quietSince] = [begun, Date.now()];
      await eventually(
        () => {
          if (open.size > 0 || begun !== seen) [seen, quietSince] = [begun, Date.now()];
          return Date.now() - quietSince > 500;
        },
        { what: 'half a second without a static file', intervalMs: 50, timeoutMs: 30_000 },
      );
    },
  };
}

interface PrintedRun {
  readonly runId: string;
  /** What the client printed. */
  readonly output: string;
}

/** A run that the Python client makes and prints the address of, with a page that acts as soon as it is opened. */
async function printedRun(url: string, token: string): Promise<PrintedRun> {
  const { output, json } = await runPython(
    `
import json, mlflow
with mlflow.start_run(run_name="the printed run") as run:
    mlflow.log_metric("loss", 1)
    mlflow.log_text("<script>fetch('/mlflow/ajax-api/2.0/mlflow/experiments/search?max_results=1')</script>", "page.html")
print(json.dumps(run.info.run_id))
`,
    { url, token, env: { MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT: 'false' } },
  );
  return { runId: json<string>(), output };
}

describeInChromium("the end of a session in MLflow's UI", () => {
  let browsed: BrowsedSystem;
  /** Of all tests that are not about what is cached: MLflow's files are megabytes. */
  let shared: BrowserContext;
  let printed: PrintedRun;
  beforeAll(async () => {
    browsed = await startBrowsedSystem();
    shared = await browsed.browser.newContext({ viewport: { width: 1280, height: 800 } });
    printed = await printedRun(browsed.url, (await browsed.system.newKey()).api_key);
  });
  afterEach(async () => {
    await Promise.all(shared.pages().map((page) => page.close()));
    await shared.clearCookies();
  });
  afterAll(() => browsed?.close());

  const started = async (context?: BrowserContext): Promise<SignedIn> => {
    const visitor = await browsed.signedIn({ view: VIEW, context });
    await visitor.page.getByText('Default', { exact: true }).first().waitFor();
    return visitor;
  };

  it('6: a revoked key is shown as a dialog, and signing in again leads back to the same view', async () => {
    const { page, keyId } = await started(shared);
    await browsed.system.revoke(keyId);
    await page.waitForTimeout(1000);
    expect(await poke(page)).toBe(401);
    await dialog(page).waitFor();
    await picture(page, 'session-ended');
    expect(
      await accessibilityFaults(page).then((faults) =>
        faults.filter((one) => one.includes('session-dialog')),
      ),
    ).toEqual([]);
    await page.getByRole('button', { name: 'Sign in again' }).click();
    await page.locator('#key').waitFor();
    expect(page.url()).toBe(`${browsed.url}/mlflow/${VIEW}`);
    expect(await page.locator('[role=status]').textContent()).toContain('has ended');
    await page.locator('#key').fill((await browsed.system.newKey()).api_key);
    await page.getByRole('button').click();
    await page.getByText('Default', { exact: true }).first().waitFor();
    expect(page.url()).toBe(`${browsed.url}/mlflow/${VIEW}`);
  });

  it('6: a part of the page that does not come any more shows the dialog too', async () => {
    const { page, keyId } = await started(shared);
    await browsed.system.revoke(keyId);
    await page.evaluate(
      "document.head.append(Object.assign(document.createElement('script'), { src: 'static-files/static/js/gone.js' }))",
    );
    await dialog(page).waitFor();
  });

  it("8: MLflow's own Logout signs out, and a second tab hears of it", async () => {
    const { page, context } = await started(shared);
    const second = await context.newPage();
    await second.goto(`${browsed.url}/mlflow/#/models`);
    const { cookies } = await context.storageState();
    await page.locator('text=/^key [0-9a-f-]+$/').first().click();
    await page.getByText('Logout').click();
    await page.locator('#key').waitFor();
    const copied = await fetch(`${browsed.url}/mlflow/ajax-api/2.0/mlflow/experiments/search?max_results=1`, {
      headers: { cookie: `${cookies[0]?.name}=${cookies[0]?.value}` },
    });
    expect(copied.status).toBe(401);
    expect(await poke(second)).toBe(401);
    await dialog(second).waitFor();
    await page.goBack();
    expect(await page.locator('#key').count()).toBe(1);
  });

  it("7: what the key may not do any more is shown in the gateway's words", async () => {
    const { page, keyId } = await started(shared);
    await browsed.system.keyService.call('PATCH', `/keys/${keyId}`, { allowed_ips: ['192.0.2.1'] });
    await page.waitForTimeout(1000);
    expect(await poke(page)).toBe(403);
    await page.getByRole('dialog').getByText('may not be used from this address').waitFor();
  });

  it('12: an HTML artifact that is opened by itself is a download, and acts with no session', async () => {
    const { page } = await started(shared);
    const link = `${browsed.url}/mlflow/get-artifact?path=page.html&run_uuid=${printed.runId}`;
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.goto(link).catch(() => undefined),
    ]);
    expect(download.suggestedFilename()).toBe('page.html');
  });

  it('the very text that the Python client prints after a run is opened, and shows that run', async () => {
    const link = /View run the printed run at: (\S+)/.exec(printed.output)?.[1];
    expect(link).toContain('/api/mlflow/#/experiments/');
    const page = await shared.newPage();
    await signIn(page, link as string, (await browsed.system.newKey()).api_key);
    await page.getByText('the printed run').first().waitFor();
    expect(page.url()).toBe(link?.replace('/api/mlflow/', '/mlflow/'));
  });

  it('15: a second load fetches no static file, also after a new sign-in, and the first cost the key none', async () => {
    const { page, context, apiKey } = await started();
    const files = watchFiles(context);
    const fetched = async (): Promise<number> => {
      const before = browsed.system.gateway.logs.of('request').length;
      await page.goto('about:blank');
      await page.goto(`${browsed.url}/mlflow/${VIEW}`);
      await page.getByText('Default', { exact: true }).first().waitFor();
      await files.loaded();
      const lines = browsed.system.gateway.logs.of('request').slice(before);
      return lines.filter(({ path }) => String(path).includes('/static-files/static/')).length;
    };
    await fetched();
    expect(await fetched()).toBe(0);
    await context.clearCookies();
    await signIn(page, `${browsed.url}/mlflow/${VIEW}`, apiKey);
    await files.loaded();
    expect(await fetched()).toBe(0);
    await context.close();
  });

  it('a training job and ten open tabs of one key stay within its default limits', async () => {
    const { context, page, apiKey } = await started(shared);
    const tabs = await Promise.all(Array.from({ length: 10 }, () => context.newPage()));
    const traffic: number[] = [];
    context.on('response', (response) => traffic.push(response.status()));
    const job = runPython(
      'import mlflow\nwith mlflow.start_run():\n    for step in range(200):\n        mlflow.log_metric("loss", 1 / (step + 1), step=step)\n',
      { url: browsed.url, token: apiKey },
    );
    await Promise.all(
      tabs.map((tab, i) =>
        tab.goto(`${browsed.url}/mlflow/#/${['experiments', 'models', 'prompts'][i % 3]}`),
      ),
    );
    expect((await job).code).toBe(0);
    expect(traffic).not.toContain(429);
    expect(await poke(page)).toBe(200);
  });
});
