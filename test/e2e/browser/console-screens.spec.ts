import { jest } from '@jest/globals';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import type { ConsoleChart } from '../../../src/contracts/admin/console-chart.js';
import {
  describeInChromium,
  startChromium,
  watchTraffic,
  type Traffic,
} from '../../support/browser/chromium.js';
import { eventually } from '../../support/lib/eventually.js';
import {
  ENGINES,
  startKeyDatabases,
  type EngineName,
  type KeyDatabases,
} from '../../support/servers/key-databases.js';
import { ANA, fillConsole, HOSTILE_NAMES, type FilledConsole } from '../../support/browser/filled-console.js';
import { expectWhole, signedIn, withConsole, withPage } from './console-page.js';

jest.setTimeout(240_000);

const SCREENS_WITH_CHART = {
  overview: '',
  usage: '/usage?days=30',
  'usage-keys': '/usage?group_by=key&days=7&period=hour',
  refusals: '/refusals?days=7',
};
const SCREENS_OF_NUMBERS = { ...SCREENS_WITH_CHART, audit: '/audit', system: '/system' };
const SCREENS = {
  ...SCREENS_OF_NUMBERS,
  keys: '/keys',
  key: '/keys/KEY',
  new: '/keys/new',
  edit: '/keys/KEY/edit',
  rotate: '/keys/KEY/rotate',
  revoke: '/revoke?id=KEY',
  services: '/services',
};

const PHONE = { width: 360, height: 640 };
const DESK = { width: 1280, height: 720 };

/** One after the other in the page that is loaded: what is seen first is what was loaded. */
const LOOKS = [
  ['narrow', PHONE, {}],
  ['light', DESK, {}],
  ['dark', DESK, { colorScheme: 'dark' }],
  ['forced-colours', DESK, { forcedColors: 'active' }],
] as const;

/** What a page holds depends on the database, and how it is drawn on the look alone. */
const looksAt = (name: string, engine: EngineName): readonly (typeof LOOKS)[number][] =>
  LOOKS.filter(([look]) => {
    if (engine !== 'sqlite') return look === 'light';
    // Of a button of danger axe reads the colours that the browser has replaced there.
    return look !== 'forced-colours' || name in SCREENS_OF_NUMBERS;
  });

describeInChromium('the screens of the console', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await startChromium({ optimises: false });
  });
  afterAll(() => browser?.close());

  describe.each(ENGINES)('on %s', (engine) => {
    let databases: KeyDatabases;
    let filled: FilledConsole;
    /** Of the session that the tests share. */
    let context: BrowserContext;
    let page: Page;
    let keyId: string;

    beforeAll(async () => {
      databases = await startKeyDatabases(engine);
      filled = await fillConsole(await databases.next());
      const { body } = await filled.service.call<{ key_id: string }>(
        'POST',
        '/keys',
        { name: 'of nobody yet', service_id: 'batch' },
        { authorization: `Bearer ${ANA}` },
      );
      keyId = body.key_id;
      page = await signedIn(browser, filled.service.url);
      context = page.context();
    });
    afterAll(async () => {
      await context?.close();
      await filled?.service.close();
      await databases?.close();
    });

    const addressOf = (path: string): string => `${filled.service.url}/console${path.replace('KEY', keyId)}`;

    function expectNothingForbidden({ errors, requests }: Traffic): void {
      const { url } = filled.service;
      expect(errors.splice(0)).toEqual([]);
      const others = requests
        .splice(0)
        .filter((one) => !one.url.startsWith(url) && !one.url.startsWith('data:'));
      expect(others).toEqual([]);
    }

    describe('30: axe finds no fault, the policy is not violated, and nothing scrolls sideways in each look', () => {
      let traffic: Traffic;
      beforeAll(() => {
        traffic = watchTraffic(context);
      });

      it.each(Object.entries(SCREENS))('%s', async (name, path) => {
        for (const [index, [look, size, media]] of looksAt(name, engine).entries()) {
          await page.setViewportSize(size);
          await page.emulateMedia({ colorScheme: 'light', forcedColors: 'none', ...media });
          if (index === 0) await page.goto(addressOf(path));
          if (name in SCREENS_WITH_CHART) await page.locator('.plot.drawn').first().waitFor();
          await expectWhole(page, name, look, { whole: true });
        }
        expectNothingForbidden(traffic);
      });
    });

    if (engine === 'sqlite')
      it('30: without script, the policy is not violated, and nothing scrolls sideways', async () => {
        await withConsole(browser, filled.service.url, { javaScriptEnabled: false }, async (page) => {
          const traffic = watchTraffic(page.context());
          for (const [name, path] of Object.entries(SCREENS_OF_NUMBERS)) {
            await page.goto(addressOf(path));
            await expectWhole(page, name, 'without-script', { whole: true, withAxe: false });
          }
          expectNothingForbidden(traffic);
        });
      });

    it('26: names that look like markup or run from right to left stay text, on every screen', async () => {
      const { url } = filled.service;
      await withPage(context, async (page) => {
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
        await withPage(context, async (page) => {
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
      await withPage(context, async (page) => {
        await page.goto(`${url}/console/usage?group_by=key&days=30`);
        const plot = page.locator('.u-over');
        const { width = 0, height = 0 } = (await plot.boundingBox()) ?? {};
        await plot.hover({ position: { x: width - 15, y: height / 2 } });
        const box = page.locator('.pointed');
        await box.waitFor();
        const shown = await box.locator('span').allInnerTexts();
        const sums = await page.locator('.numbers tbody tr').last().locator('td').allTextContents();
        // The table has a column for each group and one for all; the box leaves out nothing but groups without requests.
        expect(
          shown.map((line) => Number(line.replace(/^.*: /, '').replaceAll(',', ''))).toReversed(),
        ).toEqual(
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
      await withPage(context, async (page) => {
        await page.emulateMedia({ colorScheme: 'light' });
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
});
