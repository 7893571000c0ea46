import { jest } from '@jest/globals';
import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { accessibilityFaults, describeInChromium, picture, startChromium } from '../../support/chromium.js';
import {
  PICTURED_ADMIN_TOKEN,
  startPicturedConsole,
  type PicturedConsole,
} from '../../support/pictured-console.js';
import { tempDir } from '../../support/temp-dir.js';

jest.setTimeout(180_000);

/** Written again by `WRITE_PICTURES=1 npm run jest -- test/e2e/browser/console-pictures.spec.ts`. */
const IN_DOCS = join(import.meta.dirname, '../../../docs/images');

const SCREENS: readonly (readonly [
  name: string,
  path: (ids: PicturedConsole['ids']) => string,
  height: number,
])[] = [
  ['overview', () => '', 900],
  ['keys', () => 'keys?sort=name', 720],
  ['key', (ids) => `keys/${ids['nightly training']}`, 1150],
  ['create', () => 'keys/new', 900],
  ['revoke', (ids) => `revoke?id=${ids['nightly training']}`, 560],
  ['services', () => 'services', 560],
  ['usage', () => 'usage?group_by=key', 800],
  ['refusals', () => 'refusals', 700],
  ['audit', () => 'audit', 640],
  ['system', () => 'system', 720],
];

describeInChromium('pictures of the console', () => {
  let pictured: PicturedConsole;
  let browser: Browser;
  beforeAll(async () => {
    const folder = await tempDir();
    [pictured, browser] = await Promise.all([
      startPicturedConsole(`sqlite:///${folder.path}/keys.sqlite`),
      startChromium(),
    ]);
  });
  afterAll(async () => {
    await browser?.close();
    await pictured?.service.close();
  });

  async function signedIn(page: Page): Promise<void> {
    await page.goto(`${pictured.service.url}/console/keys`);
    await page.locator('#token').fill(PICTURED_ADMIN_TOKEN);
    await page.keyboard.press('Enter');
    await page.waitForURL(/\/console\/keys$/);
  }

  it.each(['light', 'dark'] as const)(
    'each screen with what it is for, without a fault that axe finds: %s',
    async (colorScheme) => {
      const context = await browser.newContext({ colorScheme, viewport: { width: 1180, height: 800 } });
      try {
        const page = await context.newPage();
        await signedIn(page);
        for (const [name, path, height] of SCREENS) {
          await page.setViewportSize({ width: 1180, height });
          await page.goto(`${pictured.service.url}/console/${path(pictured.ids)}`);
          const file = await picture(page, `docs-console-${name}-${colorScheme}`);
          expect([name, await accessibilityFaults(page)]).toEqual([name, []]);
          if (colorScheme === 'light' && process.env['WRITE_PICTURES'])
            copyFileSync(file, join(IN_DOCS, `console-${name}.png`));
        }
      } finally {
        await context.close();
      }
    },
  );
});
