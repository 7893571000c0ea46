import { jest } from '@jest/globals';
import type { Browser, BrowserContextOptions } from 'playwright-core';
import {
  accessibilityFaults,
  describeInChromium,
  picture,
  startChromium,
  watchTraffic,
} from '../../support/chromium.js';
import { ENGINES, startKeyDatabases, type KeyDatabases } from '../../support/key-databases.js';
import { fillConsole, withConsole, type FilledConsole } from './filled-console.js';

jest.setTimeout(240_000);

const SCREENS = {
  overview: '',
  usage: '/usage?days=30',
  'usage-keys': '/usage?group_by=key&days=7&period=hour',
  refusals: '/refusals?days=7',
  audit: '/audit',
  system: '/system',
};

const LOOKS: readonly [string, BrowserContextOptions][] = [
  ['light', { colorScheme: 'light' }],
  ['dark', { colorScheme: 'dark' }],
  ['forced colours', { forcedColors: 'active' }],
  ['narrow', { viewport: { width: 360, height: 640 } }],
  ['without script', { javaScriptEnabled: false }],
];

describeInChromium.each(ENGINES)('the screens of the console on %s', (engine) => {
  let databases: KeyDatabases;
  let filled: FilledConsole;
  let browser: Browser;

  beforeAll(async () => {
    databases = await startKeyDatabases(engine);
    browser = await startChromium();
    filled = await fillConsole(await databases.next());
  });
  afterAll(async () => {
    await browser?.close();
    await filled?.service.close();
    await databases?.close();
  });

  it.each(LOOKS)(
    '30: axe finds no fault, the policy is not violated, and nothing scrolls sideways: %s',
    async (look, options) => {
      const { url } = filled.service;
      await withConsole(browser, url, options, async (page) => {
        const { errors, requests } = watchTraffic(page.context());
        for (const [name, path] of Object.entries(SCREENS)) {
          await page.goto(`${url}/console${path}`);
          if (options.javaScriptEnabled !== false && name !== 'audit' && name !== 'system')
            await page.locator('.plot.drawn').first().waitFor();
          if (engine === 'sqlite')
            await picture(page, `console-${name}-${look.replaceAll(' ', '-')}`, { whole: true });
          if (options.javaScriptEnabled !== false)
            expect([name, await accessibilityFaults(page)]).toEqual([name, []]);
          expect([name, await page.evaluate('document.documentElement.scrollWidth > innerWidth')]).toEqual([
            name,
            false,
          ]);
        }
        expect(errors).toEqual([]);
        expect(requests.filter((one) => !one.url.startsWith(url) && !one.url.startsWith('data:'))).toEqual(
          [],
        );
      });
    },
  );
});
