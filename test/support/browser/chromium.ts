import { mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { BrowserContext, CDPSession, Page } from 'playwright-core';
import { isFullRun } from '../run/full-run.js';
import { hasChromium } from './chromium-program.js';

export { startChromium, startChromiumWithProfile } from './chromium-program.js';

const ROOT = join(import.meta.dirname, '../../..');
/** Pictures of what the tests saw, for people to look at; nothing compares them. */
const PICTURES = join(ROOT, 'test-artifacts/browser');
const require = createRequire(import.meta.url);

/**
 * For suites that need a real browser: skipped if there is none, except in CI, where nothing is left out and the suite
 * fails.
 */
export const describeInChromium: typeof describe =
  !hasChromium() && !process.env['CI'] ? describe.skip : describe;

/**
 * Whether pictures of all that is looked at are kept. Nothing compares them, and a page is drawn again for each, so a usual
 * run keeps those of failures alone.
 */
const keepsPictures = isFullRun || process.env['TEST_PICTURES'] === '1';

/** Keeps a picture of a page, or of what of it fits into the window, if pictures are kept at all. */
export async function picture(page: Page, name: string, options: { whole?: boolean } = {}): Promise<void> {
  if (keepsPictures) await takePicture(page, name, options);
}

/** Does something with a page, and keeps a picture of it afterwards; of a failure always. */
export async function pictured(
  page: Page,
  name: string,
  act: () => Promise<unknown>,
  options: { whole?: boolean } = {},
): Promise<void> {
  try {
    await act();
  } catch (error) {
    await takePicture(page, name, options).catch(() => undefined);
    throw error;
  }
  await picture(page, name, options);
}

/** @returns its path */
export async function takePicture(page: Page, name: string, { whole = false } = {}): Promise<string> {
  mkdirSync(PICTURES, { recursive: true });
  const path = join(PICTURES, `${name}.png`);
  const take = (): Promise<unknown> => page.screenshot({ path, animations: 'disabled', fullPage: whole });
  // Chromium now and then answers "Unable to capture screenshot" on a busy machine, and takes it at the next try.
  await take().catch(take);
  return path;
}

interface Violation {
  readonly id: string;
  readonly help: string;
  readonly nodes: readonly { readonly html: string; readonly failureSummary?: string }[];
}

let axeSource: string | undefined;
const axeSessions = new WeakMap<Page, Promise<CDPSession>>();

/**
 * What axe finds wrong with a page. It runs in a world of its own beside the page's: a strict content security policy
 * would forbid it there, and to switch that off would be to test another page. The world stays as long as the page is not
 * left: axe is compiled once for all looks at it.
 */
export async function accessibilityFaults(page: Page): Promise<string[]> {
  axeSource ??= readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');
  const session = await axeSessionOf(page);
  const { frameTree } = await session.send('Page.getFrameTree');
  const { executionContextId: contextId } = await session.send('Page.createIsolatedWorld', {
    frameId: frameTree.frame.id,
    worldName: 'axe',
  });
  const { result: kind } = await session.send('Runtime.evaluate', { expression: 'typeof axe', contextId });
  if (kind.value === 'undefined')
    await session.send('Runtime.evaluate', { expression: axeSource, contextId });
  const expression = 'axe.run(document, { resultTypes: ["violations"] }).then((r) => r.violations)';
  const { result, exceptionDetails } = await session.send('Runtime.evaluate', {
    expression,
    contextId,
    awaitPromise: true,
    returnByValue: true,
  });
  if (exceptionDetails) throw new Error(`axe failed: ${exceptionDetails.text}`);
  return (result.value as Violation[]).map(
    ({ id, help, nodes }) => `${id}: ${help}: ${nodes[0]?.html ?? ''}`,
  );
}

/** Worlds are known by their name within a session: another one would make another world. */
function axeSessionOf(page: Page): Promise<CDPSession> {
  const known = axeSessions.get(page);
  if (known) return known;
  const session = page.context().newCDPSession(page);
  axeSessions.set(page, session);
  return session;
}

/** Everything that a context asked for and what it got. */
export interface Traffic {
  readonly requests: {
    readonly url: string;
    readonly method: string;
    readonly headers: Record<string, string>;
  }[];
  /** Answers with status 400 and above, as `status method path`. */
  readonly failures: string[];
  /** Errors that pages threw or wrote to their console. */
  readonly errors: string[];
}

export function watchTraffic(context: BrowserContext): Traffic {
  const traffic: Traffic = { requests: [], failures: [], errors: [] };
  context.on('request', (request) =>
    traffic.requests.push({ url: request.url(), method: request.method(), headers: request.headers() }),
  );
  context.on('response', (response) => {
    if (response.status() >= 400)
      traffic.failures.push(
        `${response.status()} ${response.request().method()} ${new URL(response.url()).pathname}`,
      );
  });
  context.on('weberror', (error) => traffic.errors.push(error.error().message));
  context.on('console', (message) => {
    if (message.type() === 'error') traffic.errors.push(message.text());
  });
  return traffic;
}
