import { startRecordingUpstream } from '../../support/servers/recording-upstream.js';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { KEY, type AuthSetup } from '../../integration/auth/setup.js';
import { startSessionSetup } from '../../integration/browser/session-client.js';
import {
  accessibilityFaults,
  describeInChromium,
  picture,
  startChromium,
  watchTraffic,
} from '../../support/browser/chromium.js';
import { eventually } from '../../support/lib/eventually.js';

const LOOKS: readonly [string, BrowserContextOptions][] = [
  ['light', { colorScheme: 'light' }],
  ['dark', { colorScheme: 'dark' }],
  ['forced-colours', { forcedColors: 'active' }],
  ['narrow', { viewport: { width: 360, height: 640 } }],
  ['german', { locale: 'de-DE' }],
];

/** What a page may do to another origin by itself; ends when all of it is answered. */
const ATTACKS = `async (target) => {
  const call = target + '/mlflow/ajax-api/2.0/x';
  const sent = (init) => fetch(call, { mode: 'no-cors', credentials: 'include', ...init }).catch(() => 'blocked');
  await sent({});
  await sent({ method: 'POST', body: 'a' });
  const loaded = (element) => new Promise((resolve) => {
    element.onload = element.onerror = resolve;
    document.body.append(element);
  });
  const made = (name, properties) => Object.assign(document.createElement(name), properties);
  await loaded(made('img', { src: target + '/mlflow/get-artifact?path=a' }));
  await loaded(made('iframe', { src: target + '/mlflow/' }));
  const frame = made('iframe', { name: 'posted' });
  await loaded(frame);
  const form = made('form', { method: 'post', action: call, target: 'posted' });
  document.body.append(form);
  const answered = new Promise((resolve) => { frame.onload = resolve; });
  form.submit();
  await answered;
}`;

describeInChromium('the pages of a session in a real browser', () => {
  let setup: AuthSetup;
  let browser: Browser;
  let url: string;
  beforeAll(async () => {
    [setup, browser] = await Promise.all([startSessionSetup(), startChromium()]);
    url = setup.gateway.url;
    setup.auth.know(KEY, { valid: true, key_id: 'a-key-id', user_id: 'ana', scopes: ['mlflow:access'] });
  });
  afterAll(async () => {
    await browser?.close();
    await setup?.close();
  });

  /** Runs with a page of its own. */
  async function withPage(options: BrowserContextOptions, use: (page: Page) => Promise<void>): Promise<void> {
    const context = await browser.newContext(options);
    try {
      await use(await context.newPage());
    } finally {
      await context.close();
    }
  }

  async function signIn(page: Page, address = `${url}/mlflow/`): Promise<void> {
    await page.goto(address);
    await page.locator('#key').fill(KEY);
    await Promise.all([page.waitForURL(/\/mlflow\/(#.*|session)?$/), page.locator('button').click()]);
  }

  it('2: leads back to the very view that was asked for, with the script of the page', async () => {
    await withPage({}, async (page) => {
      await page.goto(`${url}/mlflow/#/experiments/1?searchFilter=a`);
      expect(page.url()).toBe(`${url}/mlflow/#/experiments/1?searchFilter=a`);
      await page.locator('#key').fill(KEY);
      await page.locator('button').click();
      await eventually(async () => (await page.title()) === 'MLflow');
      expect(page.url()).toBe(`${url}/mlflow/#/experiments/1?searchFilter=a`);
    });
  });

  it('2: leads to the UI without any script', async () => {
    await withPage({ javaScriptEnabled: false }, async (page) => {
      await page.goto(`${url}/mlflow/#/experiments/1`);
      await page.locator('#key').fill('hk_live_a_wrong_key_of_the_tests_0');
      await page.locator('button').click();
      expect(await page.locator('[role=alert]').textContent()).toContain('not accepted');
      await page.locator('#key').fill(KEY);
      await page.locator('button').click();
      expect(new URL(page.url()).pathname).toBe('/mlflow/');
      expect(await page.title()).toBe('MLflow');
    });
  });

  it('2: keeps the view over a key that was refused', async () => {
    await withPage({}, async (page) => {
      await page.goto(`${url}/mlflow/#/models`);
      await page.locator('#key').fill('hk_live_a_wrong_key_of_the_tests_0');
      await page.locator('button').click();
      await page.waitForURL(/why=refused.*#\/models$/);
      expect(await page.locator('#key').inputValue()).toBe('');
      expect(await page.evaluate('document.activeElement.id')).toBe('key');
      await page.locator('#key').fill(KEY);
      await page.locator('button').click();
      await page.waitForURL(`${url}/mlflow/#/models`);
    });
  });

  it('leads from the address that the Python client prints to that run', async () => {
    await withPage({}, async (page) => {
      await signIn(page);
      await page.goto('about:blank');
      await page.goto(`${url}/api/mlflow/#/experiments/1/runs/2`);
      expect(page.url()).toBe(`${url}/mlflow/#/experiments/1/runs/2`);
    });
  });

  it('5: the key stands in no address, history, storage or page', async () => {
    await withPage({}, async (page) => {
      const addresses: string[] = [];
      page.on('request', (request) => addresses.push(request.url()));
      await signIn(page);
      await page.goto(`${url}/mlflow/session`);
      const kept = await page.evaluate(
        'JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie, document.documentElement.outerHTML])',
      );
      expect(kept).not.toContain(KEY);
      expect(kept).not.toContain('mlflow_session');
      expect(addresses.join(' ')).not.toContain(KEY);
      const [cookie] = await page.context().cookies();
      expect(cookie).toMatchObject({ name: 'mlflow_session', httpOnly: true, sameSite: 'Lax', path: '/' });
    });
  });

  it('8: the back button after a sign-out shows the sign-in page', async () => {
    await withPage({}, async (page) => {
      await signIn(page);
      await page.goto(`${url}/mlflow/session`);
      await Promise.all([
        page.waitForURL(/why=signed-out$/),
        page.getByRole('button', { name: 'Sign out' }).click(),
      ]);
      expect(await page.locator('[role=status]').textContent()).toBe('You are signed out.');
      await page.goBack();
      expect(await page.locator('#key').count()).toBe(1);
      expect(await page.locator('dl').count()).toBe(0);
    });
  });

  it('10: pages of other sites and of sibling hosts act with no session; a link of theirs opens the UI', async () => {
    const own = `http://mlflow.team.localhost:${new URL(url).port}`;
    const others = await startRecordingUpstream((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/html' });
      response.end(`<!doctype html><title>other</title><a href="${own}/mlflow/">MLflow</a>`);
    });
    const { port } = new URL(others.url);
    await withPage({}, async (page) => {
      await signIn(page, `${own}/mlflow/`);
      for (const host of ['evil.team.localhost', '127.0.0.1']) {
        await page.goto(`http://${host}:${port}/`);
        setup.mlflow.requests.length = 0;
        setup.gateway.logs.clear();
        await page.evaluate(`(${ATTACKS})(${JSON.stringify(own)})`);
        const fates = setup.gateway.logs
          .of('request')
          .map(({ method, status, reason }) => [method, status, reason].join(' '));
        const withCookie = host !== '127.0.0.1';
        const refused = withCookie ? '403 cross-site-request' : '401 missing';
        expect(fates).toEqual(['GET', 'POST', 'GET', 'GET', 'POST'].map((method) => `${method} ${refused}`));
        expect(setup.mlflow.requests).toEqual([]);
        await Promise.all([page.waitForURL(`${own}/mlflow/`), page.getByText('MLflow').click()]);
        expect(await page.title()).toBe('MLflow');
      }
    });
    await others.close();
  });

  it('16: can be used by keyboard alone', async () => {
    await withPage({}, async (page) => {
      await page.goto(`${url}/mlflow/`);
      // The browser sets the focus when it paints the page.
      await eventually(() => page.evaluate("document.activeElement.id === 'key'"));
      await page.keyboard.type(KEY);
      await page.keyboard.press('Tab');
      expect(await page.evaluate('document.activeElement.tagName')).toBe('BUTTON');
      await page.keyboard.press('Enter');
      await eventually(async () => (await page.title()) === 'MLflow');
      await page.goto(`${url}/mlflow/session`);
      await page.keyboard.press('Tab');
      await page.keyboard.press('Tab');
      await page.keyboard.press('Enter');
      await page.waitForURL(/signed-out/);
    });
  });

  it.each(LOOKS)('16: have no fault that axe can find: %s', async (look, options) => {
    await withPage(options, async (page) => {
      const { errors } = watchTraffic(page.context());
      const check = async (name: string): Promise<void> => {
        // Styles and scripts that the page's own policy forbids would show here.
        expect([name, errors.filter((error) => error.includes('Content Security Policy'))]).toEqual([
          name,
          [],
        ]);
        await picture(page, `${name}-${look}`);
        expect([name, await accessibilityFaults(page)]).toEqual([name, []]);
        const scrolls = await page.evaluate('document.documentElement.scrollWidth > innerWidth');
        expect([name, scrolls]).toEqual([name, false]);
      };
      await page.goto(`${url}/mlflow/`);
      await check('sign-in');
      await page.goto(`${url}/mlflow/sign-in?why=refused&next=%2Fmlflow%2F`);
      await check('sign-in-refused');
      await signIn(page);
      await page.goto(`${url}/mlflow/session`);
      await check('session');
      await page.goto(`${url}/mlflow/sign-out`);
      await check('sign-out');
    });
  });
});
