import { jest } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import type { Page } from 'playwright-core';
import { describeInChromium, picture, watchTraffic, type Traffic } from '../../support/chromium.js';
import { sharedMlflowOfPages, startMlflowServer, type MlflowServer } from '../../support/mlflow-server.js';
import {
  fill,
  startBrowsedSystem,
  type BrowsedSystem,
  type Filling,
  type SignedIn,
} from './filled-system.js';
import { screensOf } from './screens.js';
import { traceByRest } from './trace-by-rest.js';

jest.setTimeout(300_000);

const visible = (page: Page, text: string): Promise<void> =>
  page.getByText(text, { exact: true }).first().waitFor({ timeout: 60_000 });

const FOREIGN = `foreign-${randomUUID().slice(0, 8)}`;

/** Where the oldest and the newest have what differs; searches are restricted in one and filled in the other. */
const VERSIONS = [
  { version: '3.17', all: 'experiments', foreign: /^Permission denied$/ },
  { version: '2.22', all: '', foreign: /no grant to read the experiment/ },
] as const;

describeInChromium("MLflow's own UI with a key that is granted its own things", () => {
  describe.each(VERSIONS)('$version', ({ version, all, foreign }) => {
    let browsed: BrowsedSystem;
    let filled: Filling;
    let visitor: SignedIn;
    let traffic: Traffic;
    let foreignId: string;
    let server: MlflowServer | undefined;

    beforeAll(async () => {
      const mlflow = version === '3.17' ? sharedMlflowOfPages : () => ownMlflow();
      browsed = await startBrowsedSystem({}, mlflow);
      const { api_key: key } = await browsed.system.newKey();
      filled = await fill(browsed.url, key);
      if (version !== '3.17')
        filled.traceId = await traceByRest(`${browsed.url}/api/mlflow`, key, filled.experimentId);
      foreignId = await makeForeign();
      const { experimentId, modelName, promptName } = filled;
      visitor = await browsed.signedIn({
        key: {
          user_id: 'ana',
          scopes: ['mlflow:read'],
          grants: {
            experiments: [{ id: experimentId, level: 'read' }],
            models: [{ name: modelName, level: 'read' }],
            prompts: [{ name: promptName, level: 'read' }],
          },
        },
      });
      traffic = watchTraffic(visitor.context);
    });
    afterAll(async () => {
      await browsed?.close();
      await server?.close();
    });

    /** Of the older version: the one that tests share is full of other things. */
    async function ownMlflow(): Promise<MlflowServer> {
      return (server = await startMlflowServer({ venv: `mlflow-${version}-venv` }));
    }

    /** Of somebody else: an experiment, a model and a version of it that a run of ours is in. */
    async function makeForeign(): Promise<string> {
      const { api_key: key } = await browsed.system.newKey();
      const post = async (path: string, body: object): Promise<Record<string, unknown>> => {
        const answer = await fetch(`${browsed.url}/mlflow/api/2.0/mlflow/${path}`, {
          method: 'POST',
          headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
          body: JSON.stringify(body),
        });
        expect(answer.status).toBe(200);
        return (await answer.json()) as Record<string, unknown>;
      };
      const [run] = filled.runs as [string];
      await post('registered-models/create', { name: FOREIGN });
      await post('model-versions/create', { name: FOREIGN, source: `runs:/${run}/model`, run_id: run });
      return String((await post('experiments/create', { name: FOREIGN }))['experiment_id']);
    }

    // The list of all experiments is looked at below: it has no default one here.
    const screens = screensOf(version).filter(({ name }) => name !== 'experiments');
    it.each(screens)('shows $name', async ({ name, view, seen }) => {
      const { page } = visitor;
      await page.goto('about:blank');
      await page.goto(`${browsed.url}/mlflow/#/${view(filled)}`);
      try {
        await seen(page, filled);
        expect(await page.getByText(FOREIGN).count()).toBe(0);
      } finally {
        await picture(page, `restricted-${version}-${name}`);
      }
    });

    it('shows its own experiments in the list of all', async () => {
      const { page } = visitor;
      await page.goto('about:blank');
      await page.goto(`${browsed.url}/mlflow/#/${all}`);
      await visible(page, filled.modelName.replace(/-model$/, ''));
      expect(await page.getByText('Default', { exact: true }).count()).toBe(0);
      expect(await page.getByText(FOREIGN).count()).toBe(0);
      await picture(page, `restricted-${version}-experiments`);
    });

    it('is refused nothing that it needs on the way', () => {
      const refused = traffic.failures.filter((failure) => !/^403 GET .*\/assistant\//.test(failure));
      expect([...new Set(refused)]).toEqual([]);
    });

    it('says that a foreign experiment may not be seen, and stays whole', async () => {
      const { page } = visitor;
      await page.goto('about:blank');
      await page.goto(`${browsed.url}/mlflow/#/experiments/${foreignId}${version === '2.22' ? '' : '/runs'}`);
      await page.getByText(foreign).first().waitFor({ timeout: 60_000 });
      await picture(page, `restricted-${version}-foreign`);
      expect(await page.getByText(FOREIGN).count()).toBe(0);
    });
  });
});
