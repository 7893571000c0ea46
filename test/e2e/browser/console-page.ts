import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { ANA } from '../../support/filled-console.js';

/** Signs in as Ana in a context of its own. */
export async function withConsole(
  browser: Browser,
  url: string,
  options: BrowserContextOptions,
  use: (page: Page) => Promise<void>,
): Promise<void> {
  const context = await browser.newContext(options);
  try {
    const page = await context.newPage();
    await page.goto(`${url}/console`);
    await page.locator('#token').fill(ANA);
    await page.keyboard.press('Enter');
    await page.waitForURL(/\/console$/);
    await use(page);
  } finally {
    await context.close();
  }
}
