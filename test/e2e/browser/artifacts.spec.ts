import type { Browser, BrowserContext, Page } from 'playwright-core';
import { KEY, type AuthSetup } from '../../integration/auth/setup.js';
import { SHELL, startSessionSetup } from '../../integration/browser/session-client.js';
import { describeInChromium, startChromium } from '../../support/browser/chromium.js';
import { eventually } from '../../support/lib/eventually.js';
import { sendJson } from '../../support/servers/recording-upstream.js';

/** What a script in an artifact would do with its reader's session: read, then write. */
const ATTACK = `fetch('/mlflow/ajax-api/2.0/stolen/read').then((r) => r.text()).then((body) =>
  fetch('/mlflow/ajax-api/2.0/stolen/write', { method: 'POST', body }))`;
const HTML = `<!doctype html><title>artifact</title><script>${ATTACK}</script>`;
const SVG = `<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><script>${ATTACK}</script></svg>`;

const ARTIFACTS = {
  '/get-artifact?path=a.html&run_uuid=1': ['text/html', HTML],
  '/get-artifact?path=a.svg&run_uuid=1': ['image/svg+xml', SVG],
  '/ajax-api/2.0/mlflow-artifacts/artifacts/1/a.html': ['text/html', HTML],
  '/model-versions/get-artifact?path=a.svg&name=m&version=1': ['image/svg+xml', SVG],
  '/ajax-api/2.0/mlflow/logged-models/m-1/artifacts/files?artifact_file_path=a.xhtml': [
    'application/xhtml+xml',
    `<html xmlns="http://www.w3.org/1999/xhtml"><script>${ATTACK}</script></html>`,
  ],
} as const;

/** Puts an element for each address into the page; ends when all are done or refused. */
const EMBED = `([name, attribute, addresses]) => Promise.all(addresses.map((address) => new Promise((resolve) => {
  const element = document.createElement(name);
  element.onload = element.onerror = resolve;
  // A download ends a frame's navigation without an event.
  setTimeout(resolve, 1000);
  element[attribute] = address;
  document.body.append(element);
})))`;

/** How a page shows a file, and whether the policy lets it ask for one. */
const EMBEDDINGS = [
  ['iframe', 'src', true],
  ['object', 'data', false],
  ['embed', 'src', false],
  ['img', 'src', true],
] as const;

/** Every way in which a page takes a file of its own origin as program or style; each answers whether it was taken. */
const TAKEN_AS: Readonly<Record<string, string>> = {
  'a script': `load(Object.assign(document.createElement('script'), { src: address }))`,
  'a module': `load(Object.assign(document.createElement('script'), { src: address, type: 'module' }))`,
  'an imported module': `import(address).then(() => true, () => false)`,
  'a style': `load(Object.assign(document.createElement('link'), { href: address, rel: 'stylesheet' }))`,
  'a worker': `new Promise((resolve) => {
    const worker = new Worker(address);
    worker.onmessage = () => resolve(true);
    worker.onerror = () => resolve(false);
  })`,
  'a shared worker': `new Promise((resolve) => {
    const worker = new SharedWorker(address);
    worker.port.onmessage = () => resolve(true);
    worker.onerror = () => resolve(false);
  })`,
  'a service worker': `navigator.serviceWorker.register(address).then(() => true, () => false)`,
  'a worklet': `new AudioContext().audioWorklet.addModule(address).then(() => true, () => false)`,
};
/** Answers where it runs as a worker; is right as a style as well. */
const RUNS = `/**/self.onconnect = (event) => event.ports[0].postMessage(1); self.postMessage?.(1);`;
const LOAD = `const load = (element) => new Promise((resolve) => {
  element.onload = () => resolve(true);
  element.onerror = () => resolve(false);
  document.head.append(element);
})`;

describeInChromium('12: an artifact that an upstream sends inline', () => {
  let setup: AuthSetup;
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;
  let url: string;
  beforeAll(async () => {
    [setup, browser] = await Promise.all([startSessionSetup(), startChromium()]);
    url = setup.gateway.url;
    setup.auth.know(KEY);
    context = await browser.newContext();
    page = await context.newPage();
    await page.goto(`${url}/mlflow/`);
    await page.locator('#key').fill(KEY);
    await Promise.all([page.waitForURL(`${url}/mlflow/`), page.locator('button').click()]);
  });
  afterAll(async () => {
    await browser?.close();
    await setup?.close();
  });

  const serve = (shell = SHELL): void => {
    setup.mlflow.requests.length = 0;
    setup.mlflow.answer((request, response) => {
      const [type, body] = ARTIFACTS[request.url as keyof typeof ARTIFACTS] ?? [];
      if (type === undefined && request.url !== '/') return sendJson(response, 200, { secret: 'data' });
      response.writeHead(200, { 'content-type': type ?? 'text/html', 'content-disposition': 'inline' });
      response.end(body ?? shell);
    });
  };
  const stolen = (): string[] =>
    setup.mlflow.requests.map(({ url: asked }) => asked).filter((asked) => asked.includes('stolen'));
  /** Comes to MLflow after everything that the page's scripts had asked for before. */
  const settle = async (): Promise<void> => {
    await page.evaluate("fetch('/mlflow/ajax-api/2.0/mark')");
    await eventually(() => setup.mlflow.requests.some(({ url: asked }) => asked.endsWith('/mark')));
  };

  it.each(Object.keys(ARTIFACTS))('that is opened by itself reads and writes nothing: %s', async (path) => {
    serve();
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.goto(`${url}/mlflow${path}`).catch(() => undefined),
    ]);
    await download.path();
    await settle();
    expect(stolen()).toEqual([]);
    expect(setup.mlflow.requests.map(({ url: asked }) => asked)).toContain(path);
  });

  it.each(EMBEDDINGS)('that is embedded as %s reads and writes nothing', async (name, attribute, isAsked) => {
    serve();
    await page.goto(`${url}/mlflow/`);
    const paths = Object.keys(ARTIFACTS);
    const addresses = paths.map((path) => `/mlflow${path}`);
    await page.evaluate(`(${EMBED})(${JSON.stringify([name, attribute, addresses])})`);
    await settle();
    expect(stolen()).toEqual([]);
    const asked = setup.mlflow.requests.map((request) => request.url).filter((path) => paths.includes(path));
    expect(asked.toSorted()).toEqual(isAsked ? paths.toSorted() : []);
  });

  it.each(Object.keys(TAKEN_AS))('is not taken as %s by the page', async (way) => {
    setup.mlflow.requests.length = 0;
    setup.mlflow.answer((request, response) => {
      const isPage = request.url === '/';
      const type = way === 'a style' ? 'text/css' : 'text/javascript';
      response.writeHead(200, { 'content-type': isPage ? 'text/html' : type });
      response.end(isPage ? SHELL : RUNS);
    });
    // On a busy machine a shared worker may get neither a connection nor an error: then another page asks again.
    const taken = async (address: string): Promise<unknown> => {
      for (let left = 3; left > 0; left--) {
        await page.goto(`${url}/mlflow/`);
        const answer = await page.evaluate(
          `(async (address) => {
            ${LOAD};
            return Promise.race([${TAKEN_AS[way]}, new Promise((resolve) => setTimeout(resolve, 10_000, null))]);
          })(${JSON.stringify(address)})`,
        );
        if (answer !== null) return answer;
      }
      return null;
    };
    expect(await taken('/mlflow/static-files/static/js/main.js')).toBe(true);
    expect(await taken('/mlflow/get-artifact?path=a.mjs&run_uuid=1')).toBe(false);
  });

  it("would have both where it came as MLflow's own page: what these tests look for is seen", async () => {
    serve(HTML);
    await page.goto(`${url}/mlflow/`);
    await eventually(() => stolen().length === 2);
  });
});
