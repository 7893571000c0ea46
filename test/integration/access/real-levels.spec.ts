import type { ExplainResponse } from '../../../src/contracts/keys/access-explain.js';
import type { Grants } from '../../../src/contracts/access/grants.js';
import { CHANGING_CALLS, requestOf, type ChangedThings } from '../../support/mlflow/changing-calls.js';
import type { Reply } from '../../support/systems/grant-system.js';
import {
  randomHex,
  startAttackedSystem,
  V3,
  type AttackedSystem,
} from '../../support/mlflow/granted-things.js';
import { sharedMlflow } from '../../support/mlflow/mlflow-server.js';

const READER = 'key-of-reader-of-real-things-0123456789';
const MANAGER_OF_ALL = 'key-of-manager-of-real-things-0123456789';
const WITHOUT_SCOPE = 'key-without-scope-of-real-things-0123456789';
const ALL_SCOPES = ['mlflow:manage', 'gateway:invoke'];
/** Such a job is only there where MLflow runs jobs, which has tests of its own. */
const OF_A_JOB = /\{job_id\}/;
const calls = CHANGING_CALLS.filter(({ template }) => !OF_A_JOB.test(template));

/** What belongs to what is MLflow's own word here: things are made, and looked up. */
describe('calls that change things of a real MLflow', () => {
  let system: AttackedSystem;
  let things: ChangedThings;

  beforeAll(async () => {
    system = await startAttackedSystem((await sharedMlflow()).url);
    const { prefix, A, rA, lA, tA, dA, mA, pA } = system.things;
    const idOf = async (path: string, body: object, thing: string, id: string): Promise<string> =>
      (
        (await system.full('POST', `${V3}/${path}`, { experiment_id: A, ...body }))[thing] as Record<
          string,
          string
        >
      )[id] as string;
    things = {
      ...{ experiment: A, experimentName: `${prefix}-a`, newName: `${prefix}-a-new` },
      ...{ run: rA, loggedModel: lA, trace: tA, dataset: dA, model: mA, prompt: pA },
      ...{ job: randomHex(), endpoint: 'gpt-x' },
      issue: await idOf('issues', { name: 'i', description: 'd' }, 'issue', 'issue_id'),
      queue: await idOf(
        'review-queues/create',
        { name: 'q', queue_type: 'CUSTOM' },
        'review_queue',
        'queue_id',
      ),
      schema: await idOf(
        'label-schemas/create',
        { name: 's', title: 't', type: 'FEEDBACK', input: { text: {} } },
        'label_schema',
        'schema_id',
      ),
    };
    const everything = (level: 'read' | 'manage'): Grants => ({
      experiments: [{ name: `${prefix}-a*`, level }],
      models: [{ name: `${prefix}-a-*`, level }],
      prompts: [{ name: `${prefix}-prompt-a`, level }],
      ...(level === 'manage' && { endpoints: [{ name: 'gpt-*', level: 'invoke' as const }] }),
    });
    system.know(READER, ALL_SCOPES, everything('read'));
    system.know(MANAGER_OF_ALL, ALL_SCOPES, everything('manage'));
    system.know(WITHOUT_SCOPE, ['workspace:read'], everything('manage'));
  }, 200_000);
  afterAll(() => system?.close());

  it.each(calls.map((route) => ({ call: `${route.method} ${route.template}`, route })))(
    '$call takes the level, and the scope',
    async ({ route }) => {
      const asked = requestOf(route, things);
      const refusal = async (
        key: string,
      ): Promise<Pick<Reply, 'status'> & { message: unknown; forwarded: number }> => {
        system.forwarded();
        const { status, body } = await system.ask(key, asked);
        return { status, message: body['message'], forwarded: system.forwarded().length };
      };
      // Everything that it names is there, and belongs to what is granted: a key that manages it would pass.
      const { body } = await system.ask(MANAGER_OF_ALL, { method: 'POST', path: '/explain', body: asked });
      const { decision, refusal: reason } = body as unknown as ExplainResponse;
      expect([decision, reason]).toEqual(['allowed', null]);
      expect(await refusal(READER)).toEqual({
        ...{ status: 403, forwarded: 0 },
        message: expect.stringMatching(
          /^The API key has no grant to (?:write|manage|invoke) the /,
        ) as unknown,
      });
      expect(await refusal(WITHOUT_SCOPE)).toEqual({
        ...{ status: 403, forwarded: 0 },
        message: expect.stringMatching(/^The API key lacks a required scope: /) as unknown,
      });
    },
  );

  it('has looked at every family of calls', () => {
    expect(new Set(calls.map(({ family }) => family)).size).toBeGreaterThan(8);
  });
});
