import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import type { CreateKeyRequest } from '../../../src/contracts/keys/key-management.js';
import { startChromium } from '../../support/browser/chromium.js';
import { runPython } from '../../support/programs/python-client.js';
import { sharedMlflowOfPages } from '../../support/mlflow/mlflow-server.js';
import { startWholeSystem, type WholeSystem } from '../../support/systems/whole-system.js';

/** What `fill.py` made. */
export interface Filling {
  readonly experimentId: string;
  readonly runs: readonly string[];
  readonly modelName: string;
  readonly promptName: string;
  traceId: string;
  readonly evaluationRun: string;
}

export interface BrowsedSystem {
  readonly system: WholeSystem;
  readonly browser: Browser;
  readonly url: string;
  /** Signed in with a new key, in a context of its own unless one is given. */
  signedIn(options?: SignedInOptions): Promise<SignedIn>;
  close(): Promise<void>;
}

export interface SignedInOptions {
  readonly key?: Partial<CreateKeyRequest>;
  /** Nobody may be signed in there. */
  readonly context?: BrowserContext | undefined;
  /** What is behind the # of the first address. */
  readonly view?: string;
}

export interface SignedIn {
  readonly context: BrowserContext;
  readonly page: Page;
  readonly keyId: string;
  readonly apiKey: string;
}

const SECRET = 'a-secret-of-sessions-of-the-tests';

/** Gateway and key service before a real MLflow of the run, and a real browser. */
export async function startBrowsedSystem(
  env: Record<string, string> = {},
  mlflow: () => Promise<{ url: string }> = sharedMlflowOfPages,
): Promise<BrowsedSystem> {
  const system = await startWholeSystem({ SESSION_SECRETS: SECRET, ...env }, mlflow);
  const browser = await startChromium();
  const { url } = system.gateway;
  return {
    system,
    browser,
    url,
    async signedIn({ key = {}, context: given, view = '' } = {}) {
      const made = await system.newKey(key);
      const context = given ?? (await browser.newContext({ viewport: { width: 1280, height: 800 } }));
      const page = await context.newPage();
      await signIn(page, `${url}/mlflow/${view}`, made.api_key);
      return { context, page, keyId: made.key_id, apiKey: made.api_key };
    },
    async close() {
      await browser.close();
      await system.close();
    },
  };
}

/** Signs in by the form that stands in the place of a page, and waits for MLflow's own. */
export async function signIn(page: Page, address: string, apiKey: string): Promise<void> {
  // With another hash alone the page would not be loaded again.
  await page.goto('about:blank');
  await page.goto(address);
  await page.locator('#key').fill(apiKey);
  await page.getByRole('button').click();
  await page.waitForSelector('#root', { state: 'attached' });
}

/** Fills an MLflow through a gateway by the unmodified client, under names of its own. */
export async function fill(url: string, token: string): Promise<Filling> {
  const snippet = readFileSync(join(import.meta.dirname, 'fill.py'), 'utf8');
  const name = `tour-${randomUUID().slice(0, 8)}`;
  const { code, output, json } = await runPython(snippet, {
    url,
    token,
    timeoutMs: 240_000,
    // An older MLflow answers some of what the client tries first with 500, which it would ask again for minutes.
    env: { FILL_NAME: name, MPLCONFIGDIR: '/tmp', MLFLOW_HTTP_REQUEST_MAX_RETRIES: '1' },
  });
  if (code !== 0) throw new Error(`filling failed: ${output.slice(-3000)}`);
  return json<Filling>();
}
