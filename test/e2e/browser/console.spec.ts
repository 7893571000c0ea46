import { jest } from '@jest/globals';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import {
  accessibilityFaults,
  describeInChromium,
  picture,
  startChromium,
  watchTraffic,
} from '../../support/browser/chromium.js';
import { eventually } from '../../support/lib/eventually.js';
import { ANA } from '../../support/browser/filled-console.js';
import { ENGINES, startKeyDatabases, type KeyDatabases } from '../../support/servers/key-databases.js';
import { startTestKeyService, type TestKeyService } from '../../support/systems/key-service.js';
import { looksOn, withConsole, type Look } from './console-page.js';

jest.setTimeout(180_000);

const ODD_NAME = '<img src=x onerror=alert(1)>\u05d0';

const LOOKS: readonly Look[] = [
  ['light', { colorScheme: 'light' }],
  ['dark', { colorScheme: 'dark' }],
  ['narrow', { viewport: { width: 360, height: 640 } }],
];

/** Of the page that the browser ends at: while it is on the way to one that it refuses, there is no content. */
function settledContent(page: Page): Promise<string> {
  return eventually(() => page.content());
}

describeInChromium.each(ENGINES)('the console for key administrators on %s', (engine) => {
  let databases: KeyDatabases;
  let service: TestKeyService;
  let browser: Browser;
  let keyId: string;
  beforeAll(async () => {
    databases = await startKeyDatabases(engine);
    [service, browser] = await Promise.all([
      startTestKeyService({
        DATABASE_URL: await databases.next(),
        HOKUSAI_ADMIN_TOKEN: `ana:${ANA}`,
        CONSOLE_SESSION_SECRETS: 'secret-of-the-console-of-the-tests-1',
      }),
      startChromium(),
    ]);
    keyId = await newKey('nightly');
  });
  afterAll(async () => {
    await browser?.close();
    await service?.close();
    await databases?.close();
  });

  const api = <T = Record<string, unknown>>(method: string, path: string, body?: unknown) =>
    service.call<T>(method, path, body, { authorization: `Bearer ${ANA}` });
  const newKey = async (name: string): Promise<string> =>
    (await api<{ key_id: string }>('POST', '/keys', { name, service_id: 'ml-platform' })).body.key_id;

  const withPage = (options: BrowserContextOptions, use: (page: Page) => Promise<void>): Promise<void> =>
    withConsole(browser, service.url, options, use);

  it('31: without script, everything is done: services, keys made, edited, rotated, overlaps changed and keys revoked', async () => {
    await withPage({ javaScriptEnabled: false }, async (page) => {
      await page.getByRole('link', { name: 'Services' }).click();
      await page.getByLabel('Id', { exact: true }).fill('batch');
      await page.getByRole('button', { name: 'Register' }).click();
      await page.getByRole('link', { name: 'Create a key' }).click();
      await page.getByLabel('Name', { exact: true }).fill(ODD_NAME);
      await page.getByLabel('Service', { exact: true }).selectOption('batch');
      await page.getByLabel('mlflow:access').uncheck();
      await page.getByLabel('mlflow:read').check();
      await page.getByRole('button', { name: 'Continue' }).click();
      expect(await page.locator('h1').textContent()).toContain(ODD_NAME);
      await page.getByRole('button', { name: 'Change something' }).click();
      expect(await page.getByLabel('Name', { exact: true }).inputValue()).toBe(ODD_NAME);
      expect(await page.getByLabel('mlflow:read').isChecked()).toBe(true);
      await page.getByRole('button', { name: 'Continue' }).click();
      await page.getByRole('button', { name: 'Create the key' }).click();
      expect(await page.locator('.secret').textContent()).toMatch(/^hk_live_/);
      await page.getByRole('link', { name: 'I have stored it' }).click();
      await page.getByRole('link', { name: 'Edit…' }).click();
      await page.getByLabel('Owner').fill('ana');
      await page.getByRole('button', { name: 'Save' }).click();
      expect(await page.locator('dl').first().textContent()).toContain('ana');
      await page.getByRole('link', { name: 'Rotate…' }).click();
      await page.getByRole('button', { name: 'Rotate' }).click();
      await page.getByRole('link', { name: 'I have stored it' }).click();
      const id = page.url().split('/').at(-1);
      await page.getByRole('button', { name: '7 days more' }).click();
      expect(await page.locator('.lineage').textContent()).toContain('it ends in 7 days');
      await page.getByRole('button', { name: 'End it now' }).click();
      expect(await page.locator('.lineage').textContent()).toContain('Revoked');
      await page.goto(`${service.url}/console/keys?q=onerror&status=active`);
      expect(await page.locator('caption').textContent()).toContain('1 key');
      await page.getByRole('checkbox').check();
      await page.getByRole('button', { name: 'Revoke the ticked keys…' }).click();
      expect(await page.locator('h1').textContent()).toContain('<img');
      await page.getByLabel('Reason').fill('left the team');
      await page.getByRole('button', { name: 'Revoke' }).click();
      expect(await page.locator('dl').first().textContent()).toContain('left the team');
      await page.getByRole('link', { name: 'Services' }).click();
      await page.getByRole('button', { name: 'Remove batch' }).click();
      expect(await page.locator('tbody').textContent()).not.toContain('batch');
      const { body } = await api<{ entries: { action: string; actor: string }[] }>(
        'GET',
        `/audit?key_id=${id}`,
      );
      expect(body.entries.map(({ action, actor }) => `${action} ${actor}`)).toEqual([
        'key.revoked admin:ana',
        'key.created admin:ana',
      ]);
    });
  });

  it('23: neither a reload nor Back shows a new key again, or makes another one', async () => {
    await withPage({}, async (page) => {
      const total = async (): Promise<number> => (await api<{ total: number }>('GET', '/keys')).body.total;
      await page.goto(`${service.url}/console/keys/new`);
      await page.getByLabel('Name', { exact: true }).fill('shown once');
      await page.getByRole('button', { name: 'Continue' }).click();
      await page.getByRole('button', { name: 'Create the key' }).click();
      const apiKey = (await page.locator('.secret').textContent()) ?? '';
      const made = await total();
      await page.reload();
      expect(await page.getByRole('alert').textContent()).toContain('has made its key already');
      const steps = [() => page.goBack(), () => page.goForward(), () => page.goBack(), () => page.goBack()];
      for (const [n, step] of steps.entries()) {
        // What the browser refuses to show again is an error of the step.
        await step().catch(() => undefined);
        expect([n, (await settledContent(page)).includes(apiKey)]).toEqual([n, false]);
      }
      expect(await total()).toBe(made);
    });
  });

  it('a form that is sent twice in a row is sent once: the answer to the first may be all that shows a key', async () => {
    await withPage({}, async (page) => {
      await page.goto(`${service.url}/console/keys/new`);
      await page.getByLabel('Name', { exact: true }).fill('clicked twice');
      await page.getByRole('button', { name: 'Continue' }).click();
      const posts: string[] = [];
      const bothClicked = Promise.withResolvers<undefined>();
      await page.route('**/console/keys/**', async (route) => {
        if (route.request().method() === 'POST') posts.push(route.request().url());
        await bothClicked.promise;
        await route.continue();
      });
      const button = await page.getByRole('button', { name: 'Create the key' }).boundingBox();
      const click = () => page.mouse.click((button?.x ?? 0) + 5, (button?.y ?? 0) + 5);
      await click();
      await eventually(() => posts.length === 1);
      await click();
      bothClicked.resolve(undefined);
      await page.locator('.secret').waitFor();
      expect(posts).toHaveLength(1);
    });
  });

  it('copies a new key, and the two lines for MLflow, by a button', async () => {
    await withPage({}, async (page) => {
      await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
      const copied = (): Promise<string> => page.evaluate('navigator.clipboard.readText()');
      await page.goto(`${service.url}/console/keys/new`);
      await page.getByLabel('Name', { exact: true }).fill('copied');
      await page.getByRole('button', { name: 'Continue' }).click();
      await page.getByRole('button', { name: 'Create the key' }).click();
      const apiKey = (await page.locator('.secret').textContent()) ?? '';
      await page.getByRole('button', { name: 'Copy' }).first().click();
      await page.getByRole('button', { name: 'Copied' }).waitFor();
      expect(await copied()).toBe(apiKey);
      await page.locator('pre + button').click();
      await page.getByRole('button', { name: 'Copied' }).nth(1).waitFor();
      expect((await copied()).split('\n')).toEqual([
        "export MLFLOW_TRACKING_URI='https://…/api/mlflow'",
        `export MLFLOW_TRACKING_TOKEN='${apiKey}'`,
      ]);
    });
  });

  it('23: Back from the page after it does not show a new key either', async () => {
    await withPage({}, async (page) => {
      await page.goto(`${service.url}/console/keys/new`);
      await page.getByLabel('Name', { exact: true }).fill('shown once more');
      await page.getByRole('button', { name: 'Continue' }).click();
      await page.getByRole('button', { name: 'Create the key' }).click();
      const apiKey = (await page.locator('.secret').textContent()) ?? '';
      await page.getByRole('link', { name: 'I have stored it' }).click();
      await page.goBack().catch(() => undefined);
      expect(await settledContent(page)).not.toContain(apiKey);
    });
  });

  it('28: a copied cookie is void after the sign-out, and opens no API before it', async () => {
    await withPage({}, async (page) => {
      const [cookie] = await page.context().cookies();
      expect(cookie).toMatchObject({ name: 'keys_session', httpOnly: true, sameSite: 'Strict' });
      const headers = { cookie: `${cookie?.name}=${cookie?.value}` };
      const status = async (path: string, more: Record<string, string> = {}): Promise<number> =>
        (await fetch(service.url + path, { headers: { ...headers, ...more }, redirect: 'manual' })).status;
      expect(await status('/console/keys')).toBe(200);
      expect(await status('/api/v1/keys')).toBe(401);
      expect(await status('/console/keys', { 'sec-fetch-site': 'same-site' })).toBe(403);
      await page.getByRole('button', { name: 'Sign out' }).click();
      await page.waitForURL(/signed-out/);
      expect(await status('/console/keys')).toBe(303);
    });
  });

  it('a wrong token begins no session, and the form stays empty', async () => {
    const context = await browser.newContext();
    const page = await context.newPage();
    await page.goto(`${service.url}/console/keys/${keyId}`);
    await page.locator('#token').fill('a-wrong-token-of-the-tests');
    await page.getByRole('button').click();
    expect(await page.getByRole('alert').textContent()).toContain('not accepted');
    expect(await page.locator('#token').inputValue()).toBe('');
    await page.locator('#token').fill(ANA);
    await page.getByRole('button').click();
    await page.waitForURL(`${service.url}/console/keys/${keyId}`);
    await context.close();
  });

  it.each([...looksOn(engine, LOOKS)])(
    '30: no fault that axe finds, no violation of the policy, no scrolling sideways: %s',
    async (look, options) => {
      await withPage(options, async (page) => {
        const { errors, requests } = watchTraffic(page.context());
        for (const path of [
          'keys',
          `keys/${keyId}`,
          'keys/new',
          `keys/${keyId}/edit`,
          'services',
          `keys/${keyId}/rotate`,
          `revoke?id=${keyId}`,
        ]) {
          await page.goto(`${service.url}/console/${path}`);
          const name = path.replaceAll(keyId, 'key').replace(/[/?=]/g, '-');
          if (engine === 'sqlite') await picture(page, `console-${name}-${look.replaceAll(' ', '-')}`);
          expect([name, await accessibilityFaults(page)]).toEqual([name, []]);
          expect([name, await page.evaluate('document.documentElement.scrollWidth > innerWidth')]).toEqual([
            name,
            false,
          ]);
        }
        expect(errors).toEqual([]);
        expect(
          requests.filter(({ url }) => !url.startsWith(service.url) && !url.startsWith('data:')),
        ).toEqual([]);
      });
    },
  );
});
