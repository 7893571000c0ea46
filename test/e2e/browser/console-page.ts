import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core';
import { accessibilityFaults, pictured } from '../../support/browser/chromium.js';
import { ANA } from '../../support/browser/filled-console.js';

/** Signs in as Ana in a context of its own, which the caller closes. @returns the page, which shows the overview */
export async function signedIn(
  browser: Browser,
  url: string,
  options: BrowserContextOptions = {},
): Promise<Page> {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  await page.goto(`${url}/console`);
  await page.locator('#token').fill(ANA);
  await page.keyboard.press('Enter');
  await page.waitForURL(/\/console$/);
  return page;
}

/** A page of its own in a context. */
export async function withPage(context: BrowserContext, use: (page: Page) => Promise<void>): Promise<void> {
  const page = await context.newPage();
  try {
    await use(page);
  } finally {
    await page.close();
  }
}

/** A page in a context of its own, in which Ana is signed in. */
export async function withConsole(
  browser: Browser,
  url: string,
  options: BrowserContextOptions,
  use: (page: Page) => Promise<void>,
): Promise<void> {
  const page = await signedIn(browser, url, options);
  try {
    await use(page);
  } finally {
    await page.context().close();
  }
}

/**
 * Expects that axe finds no fault and that nothing scrolls sideways.
 *
 * @param look how the page is looked at, as in `dark-360`
 */
export async function expectWhole(
  page: Page,
  name: string,
  look: string,
  { whole = false, withAxe = true } = {},
): Promise<void> {
  await pictured(
    page,
    `console-${name}-${look}`,
    async () => {
      if (withAxe) expect([name, look, await accessibilityFaults(page)]).toEqual([name, look, []]);
      const scrolls = await page.evaluate('document.documentElement.scrollWidth > innerWidth');
      expect([name, look, scrolls]).toEqual([name, look, false]);
    },
    { whole },
  );
}
