import { describeInChromium, picture, watchTraffic, type Traffic } from '../../support/chromium.js';
import {
  fill,
  startBrowsedSystem,
  type BrowsedSystem,
  type Filling,
  type SignedIn,
} from './filled-system.js';
import { downloadsWeights, screensOf } from './screens.js';

import { jest } from '@jest/globals';
jest.setTimeout(300_000);

describeInChromium("3: MLflow's own UI through the gateway", () => {
  let browsed: BrowsedSystem;
  let filled: Filling;
  let visitor: SignedIn;
  let traffic: Traffic;
  beforeAll(async () => {
    browsed = await startBrowsedSystem();
    filled = await fill(browsed.url, (await browsed.system.newKey()).api_key);
    visitor = await browsed.signedIn({ key: { user_id: 'ana' } });
    traffic = watchTraffic(visitor.context);
  });
  afterAll(() => browsed?.close());

  it.each([...screensOf('3.17')])('shows $name', async ({ name, view, seen }) => {
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
    expect(await downloadsWeights(visitor.page, `${browsed.url}/mlflow/`, filled)).toBe(true);
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
    await page.getByText('ana', { exact: true }).first().waitFor();
  });
});
