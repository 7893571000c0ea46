import { randomUUID } from 'node:crypto';
import type { Page } from 'playwright-core';
import type { Grants } from '../../../src/contracts/access/grants.js';
import { picture, watchTraffic } from '../../support/browser/chromium.js';
import type { Filling } from './filled-system.js';
import { screensOf } from './screens.js';
import { lookAt, openView, refusedIn, type Visit } from './tour.js';

/** A filled MLflow behind a gateway, and a key that may do everything there. */
export interface Filled {
  /** Address of the UI, which ends with `/`. */
  readonly ui: string;
  readonly apiKey: string;
  readonly filled: Filling;
}

/** What a key may do that sees the things of `fill.py` alone. */
export interface GrantedKey {
  readonly user_id: string;
  readonly scopes: string[];
  readonly grants: Grants;
}

/** Where the oldest and the newest have what differs; searches are restricted in one and filled in the other. */
const VERSIONS = {
  '3.17': { all: 'experiments', foreignView: '/runs', refusal: /^Permission denied$/ },
  '2.22': { all: '', foreignView: '', refusal: /no grant to read the experiment/ },
} as const;

const FOREIGN = `foreign-${randomUUID().slice(0, 8)}`;

/**
 * The tour of somebody who is granted their own things.
 *
 * @param given asked once those are there
 * @param signIn opens the UI in a browser of its own with a new key
 */
export function describeGrantedTour(
  version: keyof typeof VERSIONS,
  given: () => Filled,
  signIn: (key: GrantedKey) => Promise<Page>,
): void {
  const { all, foreignView, refusal } = VERSIONS[version];

  describe(`MLflow's own UI of ${version} with a key that is granted its own things`, () => {
    let visitor: Visit;
    let foreignId: string;

    beforeAll(async () => {
      const { ui, filled } = given();
      foreignId = await makeForeign(given());
      const page = await signIn({
        user_id: 'ana',
        scopes: ['mlflow:read'],
        grants: {
          experiments: [{ id: filled.experimentId, level: 'read' }],
          models: [{ name: filled.modelName, level: 'read' }],
          prompts: [{ name: filled.promptName, level: 'read' }],
        },
      });
      visitor = { ui, page, filled, traffic: watchTraffic(page.context()) };
    });
    afterAll(() => visitor?.page.context().close());

    const expectNothingForeign = async (): Promise<void> =>
      expect(await visitor.page.getByText(FOREIGN).count()).toBe(0);

    // The list of all experiments is looked at below: it has no default one here.
    const screens = screensOf(version).filter(({ name }) => name !== 'experiments');
    it.each(screens)('shows $name', async (screen) => {
      await lookAt(visitor, screen, `restricted-${version}-${screen.name}`);
      await expectNothingForeign();
    });

    it('shows its own experiments in the list of all', async () => {
      const { page, filled } = visitor;
      await openView(page, all);
      const own = filled.modelName.replace(/-model$/, '');
      await page.getByText(own, { exact: true }).first().waitFor({ timeout: 60_000 });
      expect(await page.getByText('Default', { exact: true }).count()).toBe(0);
      await expectNothingForeign();
      await picture(page, `restricted-${version}-experiments`);
    });

    it('is refused nothing that it needs on the way', () => {
      expect(refusedIn(visitor)).toEqual([]);
    });

    it('says that a foreign experiment may not be seen, and stays whole', async () => {
      const { page } = visitor;
      await openView(page, `experiments/${foreignId}${foreignView}`);
      await page.getByText(refusal).first().waitFor({ timeout: 60_000 });
      await picture(page, `restricted-${version}-foreign`);
      await expectNothingForeign();
    });
  });
}

/** Of somebody else: an experiment, a model and a version of it that a run of ours is in. @returns the experiment's id */
async function makeForeign({ ui, apiKey, filled }: Filled): Promise<string> {
  const post = async (path: string, body: object): Promise<Record<string, unknown>> => {
    const answer = await fetch(`${ui}api/2.0/mlflow/${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' },
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
