import { jest } from '@jest/globals';
import type { Browser } from 'playwright-core';
import type { ConsoleChart } from '../../../src/contracts/admin/console-chart.js';
import {
  accessibilityFaults,
  describeInChromium,
  picture,
  startChromium,
  watchTraffic,
} from '../../support/browser/chromium.js';
import { eventually } from '../../support/lib/eventually.js';
import { ENGINES, startKeyDatabases, type KeyDatabases } from '../../support/servers/key-databases.js';
import { fillConsole, HOSTILE_NAMES, type FilledConsole } from '../../support/browser/filled-console.js';
import { looksOn, withConsole, type Look } from './console-page.js';

jest.setTimeout(240_000);

const SCREENS = {
  overview: '',
  usage: '/usage?days=30',
  'usage-keys': '/usage?group_by=key&days=7&period=hour',
  refusals: '/refusals?days=7',
  audit: '/audit',
  system: '/system',
};

const LOOKS: readonly Look[] = [
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

  it.each([...looksOn(engine, LOOKS)])(
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

  it('26: names that look like markup or run from right to left stay text, on every screen', async () => {
    const { url } = filled.service;
    await withConsole(browser, url, {}, async (page) => {
      for (const path of ['', '/usage?group_by=key&days=30', '/audit', '/refusals?days=7']) {
        await page.goto(`${url}/console${path}`);
        const text = await page.locator('main').innerText();
        const shown = HOSTILE_NAMES.filter((name) => text.includes(name));
        // The others list the keys with most requests, or that were changed last.
        if (path === '/audit') expect(shown).toEqual(HOSTILE_NAMES);
        else expect([path, shown.length >= 2]).toEqual([path, true]);
        expect(await page.title()).not.toBe('owned');
        expect(await page.locator('main img, main script, main [onload], main [onerror]').count()).toBe(0);
      }
    });
  });

  it.each(['days=30', 'group_by=key&days=7&period=hour', 'group_by=user&days=30'])(
    '22: the numbers that a chart is drawn from are those of the records: %s',
    async (query) => {
      const { url } = filled.service;
      await withConsole(browser, url, {}, async (page) => {
        await page.goto(`${url}/console/usage?${query}`);
        await page.locator('.plot.drawn').waitFor();
        const chart = JSON.parse(
          (await page.locator('[data-chart]').getAttribute('data-chart')) ?? '',
        ) as ConsoleChart;
        const drawn = Array.from({ length: chart.series[0]?.points.length ?? 0 }, (_, index) =>
          chart.series.reduce((sum, { points }) => sum + (points[index] ?? 0), 0),
        );
        const counted = drawn.map(() => 0);
        for (const { timestamp } of filled.records) {
          const index = Math.floor((Date.parse(timestamp) - chart.fromMs) / chart.periodMs);
          if (index >= 0) counted[index] = (counted[index] ?? 0) + 1;
        }
        expect(drawn.length).toBeGreaterThan(7);
        expect(drawn).toEqual(counted);
      });
    },
  );

  it('a bar that is pointed at says its numbers, as text', async () => {
    const { url } = filled.service;
    await withConsole(browser, url, {}, async (page) => {
      await page.goto(`${url}/console/usage?group_by=key&days=30`);
      const plot = page.locator('.u-over');
      const { width = 0, height = 0 } = (await plot.boundingBox()) ?? {};
      await plot.hover({ position: { x: width - 15, y: height / 2 } });
      const box = page.locator('.pointed');
      await box.waitFor();
      const shown = await box.locator('span').allInnerTexts();
      const sums = await page.locator('.numbers tbody tr').last().locator('td').allTextContents();
      // The table has a column for each group and one for all; the box leaves out nothing but groups without requests.
      expect(shown.map((line) => Number(line.replace(/^.*: /, '').replaceAll(',', ''))).toReversed()).toEqual(
        sums
          .slice(0, -1)
          .map((one) => Number(one.replaceAll(',', '')))
          .filter((one) => one > 0),
      );
      expect(await box.locator('img, script').count()).toBe(0);
    });
  });

  it('colours of bars follow the scheme, also when it changes', async () => {
    const { url } = filled.service;
    await withConsole(browser, url, { colorScheme: 'light' }, async (page) => {
      await page.goto(`${url}/console/usage?days=30`);
      await page.locator('.plot.drawn').waitFor();
      const coloured = `(() => {
        const canvas = document.querySelector('canvas');
        const pixels = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
        const found = {};
        for (let i = 0; i < pixels.length; i += 4)
          if (pixels[i + 3] === 255) { const name = [pixels[i], pixels[i + 1], pixels[i + 2]].join(); found[name] = (found[name] ?? 0) + 1; }
        return Object.entries(found).sort((a, b) => b[1] - a[1])[0][0];
      })()`;
      expect(await page.evaluate(coloured)).toBe('11,95,165');
      await page.emulateMedia({ colorScheme: 'dark' });
      await eventually(async () => (await page.evaluate(coloured)) === '140,195,245');
    });
  });
});
