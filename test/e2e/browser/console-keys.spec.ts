import { jest } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Browser, Page } from 'playwright-core';
import type { KeyResource, RotateKeyResponse } from '../../../src/contracts/keys/key-management.js';
import { UsageRecorder } from '../../../src/key-service/usage/records/usage.recorder.js';
import { describeInChromium, startChromium } from '../../support/browser/chromium.js';
import { ANA } from '../../support/browser/filled-console.js';
import { ENGINES, startKeyDatabases, type KeyDatabases } from '../../support/servers/key-databases.js';
import { startTestKeyService, type TestKeyService } from '../../support/systems/key-service.js';
import { ManualClock } from '../../support/lib/manual-clock.js';
import { withConsole } from './console-page.js';

jest.setTimeout(180_000);

const MINUTE_MS = 60_000;

describeInChromium.each(ENGINES)('keys that are in use, in the console on %s', (engine) => {
  const clock = new ManualClock(Date.now());
  let databases: KeyDatabases;
  let service: TestKeyService;
  let browser: Browser;
  beforeAll(async () => {
    databases = await startKeyDatabases(engine);
    [service, browser] = await Promise.all([
      startTestKeyService(
        {
          DATABASE_URL: await databases.next(),
          HOKUSAI_ADMIN_TOKEN: `ana:${ANA}`,
          CONSOLE_SESSION_SECRETS: 'secret-of-the-console-of-the-tests-1',
        },
        { clock },
      ),
      startChromium(),
    ]);
  });
  afterAll(async () => {
    await browser?.close();
    await service?.close();
    await databases?.close();
  });

  const api = async <T = KeyResource>(method: string, path: string, body?: unknown): Promise<T> =>
    (await service.call<T>(method, path, body, { authorization: `Bearer ${ANA}` })).body;
  const newKey = async (name: string): Promise<string> =>
    (await api('POST', '/keys', { name, service_id: 'ml-platform' })).key_id;
  async function use(keyId: string, client_ip: string): Promise<void> {
    const record = {
      id: randomUUID(),
      key_id: keyId,
      endpoint: 'GET /a',
      response_time_ms: 5,
      status_code: 200,
    };
    const timestamp = new Date(clock.now()).toISOString();
    await api('POST', '/usage', { records: [{ ...record, timestamp, client_ip }] });
    await service.app.get(UsageRecorder, { strict: false }).flush();
  }
  const signedIn = (act: (page: Page) => Promise<void>): Promise<void> =>
    withConsole(browser, service.url, {}, act);

  it('24: one that was used lately is revoked by its prefix alone, after words on when and from where', async () => {
    const id = await newKey('nightly');
    await use(id, '10.0.1.7');
    clock.advance(3 * MINUTE_MS);
    const { key_prefix } = await api('GET', `/keys/${id}`);
    await signedIn(async (page) => {
      await page.goto(`${service.url}/console/keys/${id}`);
      await page.getByRole('link', { name: 'Revoke…' }).click();
      expect(await page.locator('main').innerText()).toMatch(/last used 3 min ago.*10\.0\.1\.7/);
      const confirm = page.getByLabel(`Type ${key_prefix} to confirm`);
      await confirm.fill('something else');
      await page.getByRole('button', { name: 'Revoke' }).click();
      await page.getByText('Type').first().waitFor();
      expect((await api('GET', `/keys/${id}`)).is_active).toBe(true);
      await confirm.fill(key_prefix);
      await page.getByRole('button', { name: 'Revoke' }).click();
      await page.waitForURL(`${service.url}/console/keys/${id}`);
    });
    expect(await api('GET', `/keys/${id}`)).toMatchObject({ is_active: false, revoked_by: 'admin:ana' });
  });

  it('25: one that was rotated is said to be still used, until nobody has used it for an hour', async () => {
    const old = await newKey('ci');
    const { key_id: successor } = await api<RotateKeyResponse>('POST', `/keys/${old}/rotate`, {
      overlap_seconds: 86_400,
    });
    await use(old, '10.0.1.8');
    await signedIn(async (page) => {
      for (const [words, minutes] of [
        ['Still used by 10.0.1.8', 0],
        ['Still used by 10.0.1.8', 59],
        ['Quiet, last used by 10.0.1.8, 1 h ago', 1],
      ] as const) {
        clock.advance(minutes * MINUTE_MS);
        await page.goto(`${service.url}/console/keys/${successor}`);
        expect(await page.locator('.lineage').innerText()).toContain(words);
      }
      await page.getByRole('button', { name: 'End it now' }).click();
      await page.locator('.lineage').getByText('Revoked').waitFor();
    });
  });

  it.each(['127.0.0.1', 'localhost'])(
    '27: one is not revoked by a form on a page of another origin, at %s, that a signed-in browser opens',
    async (host) => {
      const id = await newKey('wanted by others');
      const other = await attackerOf(`${service.url}/console/revoke`, { id, confirm: '' });
      try {
        await signedIn(async (page) => {
          const [answer] = await Promise.all([
            page.waitForResponse((response) => response.request().method() === 'POST'),
            page.goto(`http://${host}:${(other.address() as AddressInfo).port}/`),
          ]);
          expect(answer.status()).toBe(403);
          expect((await api('GET', `/keys/${id}`)).is_active).toBe(true);
          // The same form, sent by the console itself, is one that works.
          await page.goto(`${service.url}/console/revoke?id=${id}`);
          await page.getByRole('button', { name: 'Revoke' }).click();
          await page.waitForURL(`${service.url}/console/keys/${id}`);
        });
      } finally {
        other.close();
      }
      expect((await api('GET', `/keys/${id}`)).is_active).toBe(false);
    },
  );
});

/** A page on a port of its own that posts these fields as soon as it is opened. */
async function attackerOf(action: string, fields: Record<string, string>): Promise<Server> {
  const inputs = Object.entries(fields).map(([name, value]) => `<input name="${name}" value="${value}">`);
  const page = `<!doctype html><form method="post" action="${action}">${inputs.join('')}</form><script>document.forms[0].submit()</script>`;
  const server = createServer((_request, response) => {
    response.setHeader('content-type', 'text/html');
    response.end(page);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}
