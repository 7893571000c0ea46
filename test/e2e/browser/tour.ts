import type { Page } from 'playwright-core';
import { pictured, type Traffic } from '../../support/browser/chromium.js';
import type { Filling } from './filled-system.js';
import type { Screen } from './screens.js';

/** Somebody who is signed in to MLflow's UI, before an MLflow that `fill.py` has filled. */
export interface Visit {
  /** Address of the UI, which ends with `/`. */
  readonly ui: string;
  readonly page: Page;
  readonly filled: Filling;
  /** Since the sign-in. */
  readonly traffic: Traffic;
}

/**
 * Leads to a view inside of the loaded page, as a click does. What is behind the # reaches no server: to load MLflow's
 * page again for every view would be to prove the same again, and it takes most of a tour's time. Another view comes between, so
 * that nothing of the one before is taken for the next.
 */
export async function openView(page: Page, view: string): Promise<void> {
  const noSuchView = page.getByText('Page Not Found', { exact: true });
  await page.evaluate("location.hash = '#/no/such/view'");
  await noSuchView.waitFor();
  await page.evaluate(`location.hash = ${JSON.stringify(`#/${view}`)}`);
  await noSuchView.waitFor({ state: 'detached' });
}

/** Waits for what a screen has to show, and keeps a picture if that does not come. */
export async function lookAt({ page, filled }: Visit, screen: Screen, pictureName: string): Promise<void> {
  await openView(page, screen.view(filled));
  await pictured(page, pictureName, () => screen.seen(page, filled));
}

/** What was asked for outside of the UI's prefix. */
export function outsideOf({ ui, traffic }: Visit): string[] {
  return traffic.requests.map(({ url }) => url).filter((url) => /^https?:/.test(url) && !url.startsWith(ui));
}

/** What was answered with an error, each once, but for MLflow's assistant, which is refused by design. */
export function refusedIn({ traffic }: Visit, status = /^[45]/): string[] {
  return [...new Set(traffic.failures)].filter(
    (failure) => status.test(failure) && !/^403 GET .*\/assistant\//.test(failure),
  );
}

/** What the content security policy forbade, each once. */
export function policyFaultsIn({ traffic }: Visit): string[] {
  return [...new Set(traffic.errors)].filter((error) => /Content Security Policy|EvalError/.test(error));
}
