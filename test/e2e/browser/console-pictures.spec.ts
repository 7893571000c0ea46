import { jest } from '@jest/globals';
import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { describeInChromium, startChromium, takePicture } from '../../support/browser/chromium.js';
import { sharedMlflowOfPages } from '../../support/mlflow/mlflow-server.js';
import {
  PICTURED_ADMIN_TOKEN,
  startPicturedConsole,
  type PicturedConsole,
} from '../../support/browser/pictured-console.js';
import { tempDir } from '../../support/lib/temp-dir.js';
import { expectWhole } from './console-page.js';

jest.setTimeout(180_000);

/** Written again by `WRITE_PICTURES=1 npm run jest -- test/e2e/browser/console-pictures.spec.ts`. */
const IN_DOCS = join(import.meta.dirname, '../../../docs/images');

interface Screen {
  readonly name: string;
  readonly path: (ids: PicturedConsole['ids']) => string;
  /** Of the window, in pixels. */
  readonly height: number;
  /** What leads from the path to the screen. */
  readonly act?: (page: Page) => Promise<void>;
}

const SCHEMES = ['light', 'dark'] as const;
const NARROW = 360;
const WIDE = 1180;

const ofTraining = (ids: PicturedConsole['ids']): string => `keys/${ids['nightly training']}`;

const SCREENS: readonly Screen[] = [
  { name: 'overview', path: () => '', height: 900 },
  { name: 'keys', path: () => 'keys?sort=name', height: 720 },
  { name: 'key', path: ofTraining, height: 1150 },
  { name: 'explain', path: ofTraining, height: 640, act: askForAnotherTeam },
  { name: 'create', path: () => 'keys/new', height: 900 },
  { name: 'summary', path: () => 'keys/new', height: 860, act: fillKeyForm },
  { name: 'revoke', path: (ids) => `revoke?id=${ids['nightly training']}`, height: 560 },
  { name: 'overlap', path: ofTraining, height: 420, act: endOverlap },
  { name: 'services', path: () => 'services', height: 560 },
  { name: 'rotation', path: () => 'rotation', height: 760 },
  { name: 'usage', path: () => 'usage?group_by=key', height: 800 },
  { name: 'refusals', path: () => 'refusals', height: 700 },
  { name: 'audit', path: () => 'audit', height: 640 },
  { name: 'system', path: () => 'system', height: 720 },
];

async function askForAnotherTeam(page: Page): Promise<void> {
  await page
    .getByLabel('Path and query')
    .fill('/api/2.0/mlflow/experiments/get-by-name?experiment_name=team-b/churn');
  await page.getByRole('button', { name: 'Ask the gateway' }).click();
  await page.getByText('It is refused with').waitFor();
}

async function fillKeyForm(page: Page): Promise<void> {
  await page.getByLabel('Name', { exact: true }).fill('evaluation of the ranker');
  await page.getByLabel('Owner').fill('ana');
  await page.getByLabel('Description').fill('Compares candidates every morning');
  await page.getByLabel('mlflow:access').uncheck();
  await page.getByLabel('mlflow:read').check();
  await page.getByLabel('gateway:invoke').check();
  await page.getByLabel('The scopes count for').selectOption('named');
  await page.getByText('Name them, one a line').click();
  await page.getByLabel('Experiments', { exact: true }).fill('team-a/*:read');
  await page.getByLabel('Models', { exact: true }).fill('team-a-*:read');
  await page.getByLabel('Requests an hour').fill('2000');
  await page.getByLabel('Addresses that may use it').fill('10.0.0.0/8');
  await page.getByRole('button', { name: 'Continue' }).click();
  await page.getByRole('button', { name: 'Create the key' }).waitFor();
}

async function endOverlap(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'End it now' }).click();
  await page.waitForURL(/overlap/);
}

describeInChromium('pictures of the console', () => {
  let pictured: PicturedConsole;
  let browser: Browser;
  let page: Page;
  beforeAll(async () => {
    const folder = await tempDir();
    const { url } = await sharedMlflowOfPages();
    [pictured, browser] = await Promise.all([
      startPicturedConsole(`sqlite:///${folder.path}/keys.sqlite`, url),
      startChromium({ optimises: false }),
    ]);
    page = await browser.newPage();
    await page.goto(`${pictured.service.url}/console/keys`);
    await page.locator('#token').fill(PICTURED_ADMIN_TOKEN);
    await page.keyboard.press('Enter');
    await page.waitForURL(/\/console\/keys$/);
  });
  afterAll(async () => {
    await browser?.close();
    await pictured?.close();
  });

  // Each is loaded once, narrow as on a phone, and is then looked at in both schemes and widths.
  it.each(SCREENS)(
    '$name has what it is for, without a fault that axe finds, within its width: light and dark, 360 and 1180 px',
    async ({ name, path, height, act }) => {
      await page.setViewportSize({ width: NARROW, height: 800 });
      await page.goto(`${pictured.service.url}/console/${path(pictured.ids)}`);
      await act?.(page);
      for (const colorScheme of SCHEMES) {
        await page.emulateMedia({ colorScheme });
        await expectWhole(page, `docs-${name}`, `${colorScheme}-${NARROW}`, { whole: true });
      }
      await page.setViewportSize({ width: WIDE, height });
      for (const colorScheme of SCHEMES.toReversed()) {
        await page.emulateMedia({ colorScheme });
        await expectWhole(page, `docs-${name}`, `${colorScheme}-${WIDE}`);
      }
      if (process.env['WRITE_PICTURES']) {
        // Looking at the whole page has left the part that its address names.
        await page.evaluate('location.hash && document.querySelector(location.hash).scrollIntoView()');
        copyFileSync(await takePicture(page, `docs-console-${name}`), join(IN_DOCS, `console-${name}.png`));
      }
    },
  );
});
