import type { BrowserContext, Page, Request } from 'playwright-core';
import { accessibilityFaults, describeInChromium, picture } from '../../support/browser/chromium.js';
import { eventually } from '../../support/lib/eventually.js';
import { runPython } from '../../support/programs/python-client.js';
import { signIn, startBrowsedSystem, type BrowsedSystem } from './filled-system.js';

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

/**
 * A training job, whose client prints the address of its run. That has a page that acts as soon as it is opened.
 */
const JOB = `
import json, mlflow
with mlflow.start_run(run_name="the printed run") as run:
    for step in range(200):
        mlflow.log_metric("loss", 1 / (step + 1), step=step)
    mlflow.log_text("<script>fetch('/mlflow/ajax-api/2.0/mlflow/experiments/search?max_results=1')</script>", "page.html")
print(json.dumps(run.info.run_id))
`;

interface Training {
  readonly code: number | string;
  /** What the client printed. */
  readonly output: string;
  readonly runId: string;
}

async function train(url: string, token: string): Promise<Training> {
  const env = { MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT: 'false' };
  const { code, output, json } = await runPython(JOB, { url, token, env });
  return { code, output, runId: code === 0 ? json<string>() : '' };
}

describeInChromium("the end of a session in MLflow's UI", () => {
  let browsed: BrowsedSystem;
  beforeAll(async () => {
    browsed = await startBrowsedSystem();
  });
  afterAll(() => browsed?.close());

  const shown = (page: Page): Promise<void> => page.getByText('Default', { exact: true }).first().waitFor();

  // MLflow's page is megabytes: it is loaded once for each of ten tabs, and every test looks at tabs of its own.
  describe('in ten tabs of one key', () => {
    let context: BrowserContext;
    let tabs: Page[];
    let training: Training;
    /** Of the key that the tabs are signed in with. */
    let keyId: string;
    const answers: number[] = [];
    const tab = (number: number): Page => tabs[number] as Page;
    beforeAll(async () => {
      const first = await browsed.signedIn({ view: VIEW });
      ({ context, keyId } = first);
      await shown(first.page);
      context.on('response', (response) => answers.push(response.status()));
      const others = await Promise.all(Array.from({ length: 9 }, () => context.newPage()));
      tabs = [first.page, ...others];
      const job = train(browsed.url, first.apiKey);
      await Promise.all(
        others.map((page, i) =>
          page.goto(`${browsed.url}/mlflow/#/${['experiments', 'models', 'prompts'][i % 3]}`),
        ),
      );
      training = await job;
    });
    afterAll(() => context?.close());

    it('a training job and ten open tabs of one key stay within its default limits', async () => {
      expect(training.code).toBe(0);
      expect(answers).toContain(200);
      expect(answers).not.toContain(429);
      expect(await poke(tab(0))).toBe(200);
    });

    it('12: an HTML artifact that is opened by itself is a download, and acts with no session', async () => {
      const link = `${browsed.url}/mlflow/get-artifact?path=page.html&run_uuid=${training.runId}`;
      const [download] = await Promise.all([
        tab(1).waitForEvent('download'),
        tab(1)
          .goto(link)
          .catch(() => undefined),
      ]);
      expect(download.suggestedFilename()).toBe('page.html');
    });

    it("7: what the key may not do any more is shown in the gateway's words", async () => {
      const page = tab(2);
      const allow = (allowed_ips: string[] | null) =>
        browsed.system.keyService.call('PATCH', `/keys/${keyId}`, { allowed_ips });
      await allow(['192.0.2.1']);
      await eventually(async () => (await poke(page)) === 403, { timeoutMs: 1000 });
      await page.getByRole('dialog').getByText('may not be used from this address').waitFor();
      await allow(null);
      await eventually(async () => (await poke(page)) === 200);
    });

    it('6: a part of the page that does not come any more shows the dialog of an ended session', async () => {
      const page = tab(3);
      await browsed.system.revoke(keyId);
      expect(await dialog(page).count()).toBe(0);
      await page.evaluate(
        "document.head.append(Object.assign(document.createElement('script'), { src: 'static-files/static/js/gone.js' }))",
      );
      await dialog(page).waitFor();
    });

    it('6: a revoked key is shown as a dialog, and signing in again leads back to the same view', async () => {
      const page = tab(0);
      await browsed.system.revoke(keyId);
      expect(await dialog(page).count()).toBe(0);
      await eventually(async () => (await poke(page)) === 401, { timeoutMs: 1000 });
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
      await shown(page);
      expect(page.url()).toBe(`${browsed.url}/mlflow/${VIEW}`);
    });

    it("8: MLflow's own Logout signs out, and a second tab hears of it", async () => {
      const [page, second] = [tab(0), tab(4)];
      expect(await poke(second)).toBe(200);
      expect(await dialog(second).count()).toBe(0);
      const { cookies } = await context.storageState();
      await page.locator('text=/^key [0-9a-f-]+$/').first().click();
      await page.getByText('Logout').click();
      await page.locator('#key').waitFor();
      const call = `${browsed.url}/mlflow/ajax-api/2.0/mlflow/experiments/search?max_results=1`;
      const copied = await fetch(call, { headers: { cookie: `${cookies[0]?.name}=${cookies[0]?.value}` } });
      expect(copied.status).toBe(401);
      expect(await poke(second)).toBe(401);
      await dialog(second).waitFor();
      await page.goBack();
      expect(await page.locator('#key').count()).toBe(1);
    });

    it('the very text that the Python client prints after a run is opened, and shows that run', async () => {
      const link = /View run the printed run at: (\S+)/.exec(training.output)?.[1];
      expect(link).toContain('/api/mlflow/#/experiments/');
      const page = tab(5);
      await context.clearCookies();
      await signIn(page, link as string, (await browsed.system.newKey()).api_key);
      await page.getByText('the printed run').first().waitFor();
      expect(page.url()).toBe(link?.replace('/api/mlflow/', '/mlflow/'));
    });
  });

  it('15: a second load fetches no static file, also after a new sign-in', async () => {
    const context = await browsed.browser.newContext({ viewport: { width: 1280, height: 800 } });
    const files = watchFiles(context);
    const { page, apiKey } = await browsed.signedIn({ view: VIEW, context });
    /** Static files that a load asks the gateway for. */
    const fetchedBy = async (load: () => Promise<unknown>): Promise<number> => {
      const before = browsed.system.gateway.logs.of('request').length;
      await load();
      await shown(page);
      await files.loaded();
      const lines = browsed.system.gateway.logs.of('request').slice(before);
      return lines.filter(({ path }) => String(path).includes('/static-files/static/')).length;
    };
    await shown(page);
    await files.loaded();
    await page.goto('about:blank');
    expect(await fetchedBy(() => page.goto(`${browsed.url}/mlflow/${VIEW}`))).toBe(0);
    await context.clearCookies();
    expect(await fetchedBy(() => signIn(page, `${browsed.url}/mlflow/${VIEW}`, apiKey))).toBe(0);
    await context.close();
  });
});
