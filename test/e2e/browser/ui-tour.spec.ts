import { readFile } from 'node:fs/promises';
import type { Page } from 'playwright-core';
import { describeInChromium, picture, watchTraffic, type Traffic } from '../../support/chromium.js';
import {
  fill,
  startBrowsedSystem,
  type BrowsedSystem,
  type Filling,
  type SignedIn,
} from './filled-system.js';

import { jest } from '@jest/globals';
jest.setTimeout(300_000);

/** A screen of MLflow's UI: its address behind the #, and what has to be seen on it. */
type Screen = [
  name: string,
  view: (filled: Filling) => string,
  seen: (page: Page, filled: Filling) => Promise<unknown>,
];

const visible = (page: Page, text: string): Promise<void> =>
  page.getByText(text, { exact: true }).first().waitFor({ timeout: 60_000 });

const artifact =
  (file: string) =>
  ({ experimentId, runs }: Filling): string =>
    `experiments/${experimentId}/runs/${runs[0]}/artifacts/${file}`;

const SCREENS: Screen[] = [
  ['experiments', () => 'experiments', (page) => visible(page, 'Default')],
  [
    'runs',
    ({ experimentId }) => `experiments/${experimentId}/runs`,
    (page) =>
      page
        .getByText(/run-2$/)
        .first()
        .waitFor(),
  ],
  [
    'run',
    ({ experimentId, runs }) => `experiments/${experimentId}/runs/${runs[0]}`,
    (page) => visible(page, 'learning_rate'),
  ],
  [
    'metrics chart',
    ({ experimentId, runs }) => `experiments/${experimentId}/runs/${runs[0]}/model-metrics`,
    (page) =>
      page
        .locator('.js-plotly-plot .scatterlayer .trace')
        .first()
        .waitFor({ state: 'attached', timeout: 60_000 }),
  ],
  [
    'image',
    artifact('plot.png'),
    (page) =>
      page.waitForFunction(
        "[...document.images].some((one) => one.src.startsWith('blob:') && one.naturalWidth > 100)",
      ),
  ],
  [
    'HTML',
    artifact('report.html'),
    (page) => page.frameLocator('iframe').getByText('a script ran in null').waitFor(),
  ],
  [
    'PDF',
    artifact('plot.pdf'),
    (page) => page.locator('.react-pdf__Page canvas').first().waitFor({ timeout: 60_000 }),
  ],
  ['CSV', artifact('table.csv'), (page) => visible(page, 'Zurich')],
  ['log', artifact('train.log'), (page) => page.getByText('ended well').first().waitFor()],
  ['models', () => 'models', (page, { modelName }) => visible(page, modelName)],
  [
    'model with alias',
    ({ modelName }) => `models/${modelName}`,
    (page) => page.getByText('champion').first().waitFor(),
  ],
  [
    'prompt',
    ({ promptName }) => `prompts/${promptName}`,
    (page) => page.getByText('Summarise in').first().waitFor(),
  ],
  [
    'traces',
    ({ experimentId }) => `experiments/${experimentId}/traces`,
    (page) => page.getByText('question 0').first().waitFor(),
  ],
  [
    'trace',
    ({ experimentId, traceId }) => `experiments/${experimentId}/traces?selectedEvaluationId=${traceId}`,
    (page) => page.getByText('look up').first().waitFor(),
  ],
  [
    'evaluation runs',
    ({ experimentId }) => `experiments/${experimentId}/evaluation-runs`,
    (page) => page.getByText('is_short').first().waitFor(),
  ],
];

describeInChromium("3: MLflow's own UI through the gateway", () => {
  let browsed: BrowsedSystem;
  let filled: Filling;
  let visitor: SignedIn;
  let traffic: Traffic;
  beforeAll(async () => {
    browsed = await startBrowsedSystem();
    filled = await fill(browsed);
    visitor = await browsed.signedIn({ key: { user_id: 'ana' } });
    traffic = watchTraffic(visitor.context);
  });
  afterAll(() => browsed?.close());

  it.each(SCREENS)('shows %s', async (name, view, seen) => {
    const { page } = visitor;
    await page.goto('about:blank');
    await page.goto(`${browsed.url}/mlflow/#/${view(filled)}`);
    try {
      await seen(page, filled);
    } finally {
      await picture(page, `tour-${name}`);
    }
  });

  it('downloads an artifact with equal bytes', async () => {
    const { page } = visitor;
    await page.goto('about:blank');
    await page.goto(`${browsed.url}/mlflow/#/${artifact('weights.bin')(filled)}`);
    // An icon without a name: MLflow's own mark of the component tells it from the others.
    const button = page.locator('button[data-component-id*="_artifactview"]').first();
    await button.waitFor();
    const [download] = await Promise.all([page.waitForEvent('download'), button.click()]);
    const bytes = await readFile(await download.path());
    expect(
      bytes.equals(Buffer.alloc(256 * 4096, Buffer.from(Array.from({ length: 256 }, (_, i) => i)))),
    ).toBe(true);
  });

  it('asks for nothing outside of its prefix, and is refused nothing but the assistant', () => {
    const outside = traffic.requests
      .map(({ url }) => url)
      .filter((url) => /^https?:/.test(url) && !url.startsWith(`${browsed.url}/mlflow/`));
    expect(outside).toEqual([]);
    const refused = traffic.failures.filter((failure) => !/^403 GET .*\/assistant\//.test(failure));
    expect([...new Set(refused)]).toEqual([]);
  });

  it('5: the key stands in no request of the UI, and in nothing that the gateway writes', async () => {
    const { apiKey } = visitor;
    const metrics = await (await fetch(`${browsed.url}/metrics`)).text();
    const { cookies } = await visitor.context.storageState();
    const sealed = cookies[0]?.value ?? '';
    expect(sealed).not.toBe('');
    for (const text of [JSON.stringify(traffic.requests), metrics, browsed.system.gateway.logs.raw]) {
      expect(text).not.toContain(apiKey);
      expect(text).not.toContain(sealed);
    }
  });

  it('19: shows who is signed in, in its own account menu', async () => {
    const { page } = visitor;
    await page.goto(`${browsed.url}/mlflow/#/experiments`);
    await visible(page, 'ana');
  });
});
