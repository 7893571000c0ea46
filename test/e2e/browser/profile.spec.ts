import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { KEY, type AuthSetup } from '../../integration/auth/setup.js';
import { startSessionSetup } from '../../integration/browser/session-client.js';
import { describeInChromium, startChromiumWithProfile } from '../../support/browser/chromium.js';
import { tempDir, type TempDir } from '../../support/lib/temp-dir.js';

const TYPED = 'a text that is typed into the address bar';

/** The files of a folder, whatever depth, that hold a text in one of the forms in which Chromium writes texts. */
function filesWith(folder: string, text: string): string[] {
  const forms = [
    Buffer.from(text, 'utf8'),
    Buffer.from(text, 'utf16le'),
    Buffer.from(encodeURIComponent(text)),
  ];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => forms.some((form) => readFileSync(path).includes(form)));
}

describeInChromium('5: what a browser keeps of a sign-in on its disk', () => {
  let setup: AuthSetup;
  let profile: TempDir;
  beforeAll(async () => {
    [setup, profile] = await Promise.all([startSessionSetup(), tempDir('profile')]);
    setup.auth.know(KEY);
  });
  afterAll(async () => {
    await setup?.close();
    await profile?.remove();
  });

  it('holds no key: no history, no storage, no cache, no session to restore', async () => {
    const { url } = setup.gateway;
    const context = await startChromiumWithProfile(profile.path);
    const page = await context.newPage();
    await page.goto(`${url}/mlflow/sign-in?next=%2Fmlflow%2F&typed=${encodeURIComponent(TYPED)}`);
    await page.locator('#key').fill('hk_live_a_wrong_key_of_the_tests_00');
    await page.locator('button').click();
    await page.locator('[role=alert]').waitFor();
    await page.locator('#key').fill(KEY);
    await Promise.all([page.waitForURL(`${url}/mlflow/`), page.locator('button').click()]);
    await page.goto(`${url}/mlflow/session`);
    await page.goBack();
    const session = await context.newCDPSession(page);
    const { entries } = await session.send('Page.getNavigationHistory');
    expect(entries.length).toBeGreaterThan(2);
    expect(JSON.stringify(entries)).not.toContain(KEY);
    const inPage = await page.evaluate(
      'Promise.all([caches.keys(), indexedDB.databases()]).then((kept) => JSON.stringify(kept))',
    );
    expect(inPage).toBe('[[],[]]');
    await context.close();

    // What was in an address is found: so would a key be.
    expect(filesWith(profile.path, TYPED)).not.toEqual([]);
    expect(filesWith(profile.path, KEY)).toEqual([]);
    expect(filesWith(profile.path, 'hk_live_a_wrong_key_of_the_tests_00')).toEqual([]);
  });
});
