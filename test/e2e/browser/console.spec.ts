import { jest } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import type { KeyResource, RotateKeyResponse } from '../../../src/contracts/keys/key-management.js';
import { UsageRecorder } from '../../../src/key-service/usage/records/usage.recorder.js';
import { describeInChromium, startChromium } from '../../support/browser/chromium.js';
import { ANA } from '../../support/browser/filled-console.js';
import { eventually } from '../../support/lib/eventually.js';
import { ManualClock } from '../../support/lib/manual-clock.js';
import { ENGINES, startKeyDatabases, type KeyDatabases } from '../../support/servers/key-databases.js';
import { startTestKeyService, type TestKeyService } from '../../support/systems/key-service.js';
import { signedIn, withConsole, withPage } from './console-page.js';

jest.setTimeout(180_000);

const MINUTE_MS = 60_000;
const ODD_NAME = '<img src=x onerror=alert(1)>\u05d0';

/** Of the page that the browser ends at: while it is on the way to one that it refuses, there is no content. */
function settledContent(page: Page): Promise<string> {
  return eventually(() => page.content());
}

describeInChromium('the console for key administrators', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await startChromium({ optimises: false });
  });
  afterAll(() => browser?.close());

  describe.each(ENGINES)('on %s', (engine) => {
    const clock = new ManualClock(Date.now());
    let databases: KeyDatabases;
    let service: TestKeyService;
    let context: BrowserContext;
    beforeAll(async () => {
      databases = await startKeyDatabases(engine);
      service = await startTestKeyService(
        {
          DATABASE_URL: await databases.next(),
          HOKUSAI_ADMIN_TOKEN: `ana:${ANA}`,
          CONSOLE_SESSION_SECRETS: 'secret-of-the-console-of-the-tests-1',
        },
        { clock },
      );
      context = (await signedIn(browser, service.url)).context();
    });
    afterAll(async () => {
      await context?.close();
      await service?.close();
      await databases?.close();
    });

    const api = async <T = KeyResource>(method: string, path: string, body?: unknown): Promise<T> =>
      (await service.call<T>(method, path, body, { authorization: `Bearer ${ANA}` })).body;
    const newKey = async (name: string): Promise<string> =>
      (await api('POST', '/keys', { name, service_id: 'ml-platform' })).key_id;
    async function use(keyId: string, client_ip: string): Promise<void> {
      const record = {
        id: randomUUID(),
        key_id: keyId,
        endpoint: 'GET /a',
        response_time_ms: 5,
        status_code: 200,
      };
      const timestamp = new Date(clock.now()).toISOString();
      await api('POST', '/usage', { records: [{ ...record, timestamp, client_ip }] });
      await service.app.get(UsageRecorder, { strict: false }).flush();
    }
    /** In a page of the session that the tests share. */
    const inSession = (use: (page: Page) => Promise<void>): Promise<void> => withPage(context, use);

    it('31: without script, everything is done: services, keys made, edited, rotated, overlaps changed and keys revoked', async () => {
      await withConsole(browser, service.url, { javaScriptEnabled: false }, async (page) => {
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
        expect(await page.locator('.lineage').textContent()).toContain('it ends in 8 days');
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
        const { entries } = await api<{ entries: { action: string; actor: string }[] }>(
          'GET',
          `/audit?key_id=${id}`,
        );
        expect(entries.map(({ action, actor }) => `${action} ${actor}`)).toEqual([
          'key.revoked admin:ana',
          'key.created admin:ana',
        ]);
      });
    });

    it('23: neither a reload nor Back shows a new key again, or makes another one', async () => {
      await inSession(async (page) => {
        const total = async (): Promise<number> => (await api<{ total: number }>('GET', '/keys')).total;
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
      await inSession(async (page) => {
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
      await inSession(async (page) => {
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
      await inSession(async (page) => {
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
      await withConsole(browser, service.url, {}, async (page) => {
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
      const keyId = await newKey('wanted');
      const page = await browser.newPage();
      await page.goto(`${service.url}/console/keys/${keyId}`);
      await page.locator('#token').fill('a-wrong-token-of-the-tests');
      await page.getByRole('button').click();
      expect(await page.getByRole('alert').textContent()).toContain('not accepted');
      expect(await page.locator('#token').inputValue()).toBe('');
      await page.locator('#token').fill(ANA);
      await page.getByRole('button').click();
      await page.waitForURL(`${service.url}/console/keys/${keyId}`);
      await page.close();
    });

    it('24: one that was used lately is revoked by its prefix alone, after words on when and from where', async () => {
      const id = await newKey('nightly');
      await use(id, '10.0.1.7');
      clock.advance(3 * MINUTE_MS);
      const { key_prefix } = await api('GET', `/keys/${id}`);
      await inSession(async (page) => {
        await page.goto(`${service.url}/console/keys/${id}`);
        await page.getByRole('link', { name: 'Revoke…' }).click();
        expect(await page.locator('main').innerText()).toMatch(/last used 3 min ago.*10\.0\.1\.7/);
        const confirm = page.getByLabel(`Type ${key_prefix} to confirm`);
        await confirm.fill('something else');
        await page.getByRole('button', { name: 'Revoke' }).click();
        await page.getByText('Type').first().waitFor();
        expect((await api('GET', `/keys/${id}`)).is_active).toBe(true);
        await confirm.fill(key_prefix);
        await page.getByRole('button', { name: 'Revoke' }).click();
        await page.waitForURL(`${service.url}/console/keys/${id}`);
      });
      expect(await api('GET', `/keys/${id}`)).toMatchObject({ is_active: false, revoked_by: 'admin:ana' });
    });

    it('25: one that was rotated is said to be still used, until nobody has used it for an hour', async () => {
      const old = await newKey('ci');
      const { key_id: successor } = await api<RotateKeyResponse>('POST', `/keys/${old}/rotate`, {
        overlap_seconds: 86_400,
      });
      await use(old, '10.0.1.8');
      await inSession(async (page) => {
        for (const [words, minutes] of [
          ['Still used by 10.0.1.8', 0],
          ['Still used by 10.0.1.8', 59],
          ['Quiet, last used by 10.0.1.8, 1 h ago', 1],
        ] as const) {
          clock.advance(minutes * MINUTE_MS);
          await page.goto(`${service.url}/console/keys/${successor}`);
          expect(await page.locator('.lineage').innerText()).toContain(words);
        }
        await page.getByRole('button', { name: 'End it now' }).click();
        await page.locator('.lineage').getByText('Revoked').waitFor();
      });
    });

    it.each(['127.0.0.1', 'localhost'])(
      '27: one is not revoked by a form on a page of another origin, at %s, that a signed-in browser opens',
      async (host) => {
        const id = await newKey('wanted by others');
        const other = await attackerOf(`${service.url}/console/revoke`, { id, confirm: '' });
        try {
          await inSession(async (page) => {
            const [answer] = await Promise.all([
              page.waitForResponse((response) => response.request().method() === 'POST'),
              page.goto(`http://${host}:${(other.address() as AddressInfo).port}/`),
            ]);
            expect(answer.status()).toBe(403);
            expect((await api('GET', `/keys/${id}`)).is_active).toBe(true);
            // The same form, sent by the console itself, is one that works.
            await page.goto(`${service.url}/console/revoke?id=${id}`);
            await page.getByRole('button', { name: 'Revoke' }).click();
            await page.waitForURL(`${service.url}/console/keys/${id}`);
          });
        } finally {
          other.close();
        }
        expect((await api('GET', `/keys/${id}`)).is_active).toBe(false);
      },
    );
  });
});

/** A page on a port of its own that posts these fields as soon as it is opened. */
async function attackerOf(action: string, fields: Record<string, string>): Promise<Server> {
  const inputs = Object.entries(fields).map(([name, value]) => `<input name="${name}" value="${value}">`);
  const page = `<!doctype html><form method="post" action="${action}">${inputs.join('')}</form><script>document.forms[0].submit()</script>`;
  const server = createServer((_request, response) => {
    response.setHeader('content-type', 'text/html');
    response.end(page);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}
