import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { ANA } from '../../support/browser/filled-console.js';
import type { EngineName } from '../../support/servers/key-databases.js';

/** A way to look at a page, and what a browser needs for it. */
export type Look = readonly [name: string, options: BrowserContextOptions];

/**
 * The looks in which pages are gone through: all of them on SQLite, the first on any other database. What a page holds
 * depends on the database, and how it is drawn on the look alone.
 */
export const looksOn = (engine: EngineName, looks: readonly Look[]): readonly Look[] =>
  engine === 'sqlite' ? looks : looks.slice(0, 1);

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
