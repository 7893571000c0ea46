import { readFile } from 'node:fs/promises';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser } from 'playwright-core';
import { installDocsSite } from '../../scripts/prepare/docs-site.mjs';
import { siteFiles } from '../../scripts/docs-site/build.js';
import { SDK_API_FOLDER, siteAddress, sitePages } from '../../scripts/docs-site/pages.js';
import { startProgram } from '../support/programs/child-program.js';
import { describeInChromium, startChromium } from '../support/browser/chromium.js';
import { tempDir, type TempDir } from '../support/lib/temp-dir.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '');
const BUILD_TIMEOUT_MS = 300_000;
const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
};

interface Found {
  /** Address of the page, and the heading as its anchor. */
  readonly id: string;
}
interface Index {
  search(words: string): Found[];
}
interface MiniSearch {
  loadJSON(json: string, options: object): Index;
}

let dir: TempDir;
let site: string;
let files: string[];
let index: Index;

beforeAll(async () => {
  await installDocsSite(ROOT);
  dir = await tempDir('docs-site');
  site = join(dir.path, 'site');
  // The command itself: Node runs it by taking its types away, which not all of TypeScript survives.
  const program = startProgram(process.execPath, ['scripts/docs-site.ts', site], { cwd: ROOT });
  expect([await program.exited, program.output()]).toEqual([0, expect.stringContaining(`Built ${site}`)]);
  files = await siteFiles(site);
  index = await searchIndex();
}, BUILD_TIMEOUT_MS);
afterAll(() => dir?.remove());

/** The index that a browser loads, read as the site's search box reads it. */
async function searchIndex(): Promise<Index> {
  const chunk = files.find((path) => path.includes('@localSearchIndexroot')) ?? 'no index';
  const { default: json } = (await import(join(site, chunk))) as { default: string };
  const MiniSearch = createRequire(join(ROOT, '.cache/docs-site/package.json'))('minisearch') as MiniSearch;
  const { miniSearch } = (await import(join(ROOT, 'docs/site/vitepress/search.mjs'))) as {
    miniSearch: { options: object; searchOptions: object };
  };
  return MiniSearch.loadJSON(json, {
    ...{ fields: ['title', 'titles', 'text'], storeFields: ['title', 'titles'] },
    ...{ ...miniSearch.options, searchOptions: miniSearch.searchOptions },
  });
}

describe('the documentation site', () => {
  it('has every page', () => {
    const wanted = [...sitePages(ROOT).values()].map((page) => page.replace(/\.md$/, '.html'));
    expect(wanted.filter((page) => !files.includes(page))).toEqual([]);
    expect(files).toContain(`${SDK_API_FOLDER}/index.html`);
  });

  it('follows the reader’s choice of light or dark, and loads nothing from elsewhere', async () => {
    const page = await readFile(join(site, 'getting-started.html'), 'utf8');
    expect(page).toContain('vitepress-theme-appearance');
    const loaded = [...page.matchAll(/<(?:script|link|img)\b[^>]*?(?:src|href)="([^"]+)"/g)].map(
      ([, url]) => url,
    );
    expect(loaded.length).toBeGreaterThan(3);
    expect(loaded.filter((url) => /^(?:https?:)?\/\//.test(url ?? ''))).toEqual([]);
  });
});

describeInChromium('the documentation site in a browser', () => {
  let server: Server;
  let browser: Browser;

  beforeAll(async () => {
    server = createServer((request, response) => {
      const { pathname } = new URL(request.url ?? '/', 'http://site');
      const path = decodeURIComponent(pathname).replace(/\/$/, '/index.html').slice(1);
      response.setHeader('content-type', TYPES[extname(path)] ?? 'application/octet-stream');
      readFile(join(site, path)).then(
        (content) => response.end(content),
        () => response.writeHead(404).end(),
      );
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    browser = await startChromium();
  });
  afterAll(async () => {
    await browser?.close();
    server?.close();
  });

  it('opens dark for who wants it dark, answers in its search box, and has no errors', async () => {
    const { port } = server.address() as AddressInfo;
    const context = await browser.newContext({ colorScheme: 'dark' });
    const page = await context.newPage();
    const errors: string[] = [];
    page.on('pageerror', (error) => errors.push(error.message));
    page.on('console', (message) => message.type() === 'error' && errors.push(message.text()));
    await page.goto(`http://127.0.0.1:${port}/`);
    await page.waitForSelector('html.dark');
    await page.click('.VPNavBarSearch button');
    await page.fill('#localsearch-input', 'why does my upload stop at 60 s');
    const first = page.locator('.VPLocalSearchBox .result').first();
    await first.waitFor();
    await first.click();
    await page.waitForURL(/troubleshooting\.html#an-upload-or-download-stops-after-60-s$/);
    // The address changes before the page does.
    await page.locator('h1', { hasText: 'Troubleshooting by symptom' }).waitFor();
    expect(errors).toEqual([]);
    await context.close();
  }, 60_000);
});

describe('the site’s search', () => {
  /** What users of MLflow ask, and the page that answers. */
  const QUESTIONS: readonly [question: string, page: string][] = [
    ['why does my upload stop at 60 s', 'docs/troubleshooting.md'],
    ['how do I give CI a key that can only register', 'docs/authorization-recipes.md'],
    ['a team that sees its own experiments alone', 'docs/authorization-recipes.md'],
    ['why 403 Invalid Host header', 'docs/troubleshooting.md'],
    ['too many 503 error responses', 'docs/troubleshooting.md'],
    ['the client ignores my token, is it .netrc', 'docs/troubleshooting.md'],
    ['set MLFLOW_TRACKING_TOKEN in a notebook', 'docs/mlflow-access.md'],
    ['load a registered model by its alias', 'docs/models.md'],
    ['my API key has leaked, what now', 'docs/api-key-security.md'],
    ['how do I move from basic-auth', 'docs/migrate-from-other.md'],
    ['how many requests does one replica take', 'docs/capacity.md'],
    ['sign in to MLflow in a browser', 'docs/browser.md'],
    ['how do I use the key from R', 'docs/client-examples.md'],
    ['how do I use the key from Java', 'docs/client-examples.md'],
    ['413 Request Entity Too Large when I upload a model', 'docs/troubleshooting.md'],
    ['504 gateway timeout for a large artifact', 'docs/troubleshooting.md'],
    ['SSL certificate verify failed with a self-signed certificate', 'docs/troubleshooting.md'],
    ['NoCredentialsError: Unable to locate credentials', 'docs/troubleshooting.md'],
    ['does the client upload to S3 directly with presigned URLs', 'docs/troubleshooting.md'],
    ['blocked by CORS policy', 'docs/troubleshooting.md'],
    ['connection refused from inside a container', 'docs/troubleshooting.md'],
    ['Connection aborted, RemoteDisconnected', 'docs/troubleshooting.md'],
    ['MLflow runs under a prefix (static-prefix)', 'docs/troubleshooting.md'],
    ['who deleted my experiment', 'docs/troubleshooting.md'],
    ['corporate proxy, NO_PROXY', 'docs/troubleshooting.md'],
    ['set the token in Python without environment variables', 'docs/mlflow-access.md'],
    ['use it from a Databricks notebook', 'docs/mlflow-access.md'],
    ['pass the key to a Docker container', 'docs/mlflow-access.md'],
    ['set the variables on Windows in PowerShell', 'docs/mlflow-access.md'],
    ['send OpenTelemetry traces to /v1/traces with the key', 'docs/authorization-recipes.md'],
    ['OpenAI client through MLflow’s AI gateway', 'docs/authorization-recipes.md'],
    ['a key for one IP address', 'docs/authorization-recipes.md'],
    ['a read-only key for a service that loads models', 'docs/authorization-recipes.md'],
    ['which versions of MLflow work', 'docs/versions.md'],
    ['what happens when Redis is down', 'docs/operations.md'],
    ['which path for the load balancer’s health check', 'docs/operations.md'],
    ['back up the key database', 'docs/key-service.md'],
    ['is my key stored in plain text', 'docs/key-service.md'],
  ];

  it.each(QUESTIONS)('answers "%s" first by %s', (question, page) => {
    const [best] = index.search(question);
    expect(best?.id.replace(/(?:\.html)?(?:#.*)?$/, '')).toBe(siteAddress(page, sitePages(ROOT)));
  });
});
