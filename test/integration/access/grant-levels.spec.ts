import { startAnsweringMlflow } from '../../support/mlflow/answering-mlflow.js';
import { CHANGING_CALLS, requestOf, type ChangedThings } from '../../support/mlflow/changing-calls.js';
import { startGrantSystem, type GrantSystem, type Reply } from '../../support/systems/grant-system.js';
import type { RecordingUpstream } from '../../support/servers/recording-upstream.js';
import type { Grants } from '../../../src/contracts/access/grants.js';

const everything = (level: 'read' | 'manage'): Grants => ({
  experiments: [{ name: 'team-a/*', level }],
  models: [{ name: '*', level }],
  prompts: [{ name: '*', level }],
  ...(level === 'manage' && { endpoints: [{ name: '*', level: 'invoke' as const }] }),
});
const READER = 'key-of-reader-0123456789abcdef';
const MANAGER = 'key-of-manager-0123456789abcdef';
const WITHOUT_SCOPE = 'key-without-scope-0123456789abcdef';
const ALL_SCOPES = ['mlflow:manage', 'gateway:invoke'];

const RUN = '0123456789abcdef0123456789abcdef';
const THINGS: ChangedThings = {
  ...{ experiment: '1', experimentName: 'team-a/one', newName: 'team-a/two' },
  ...{ run: RUN, loggedModel: `m-${RUN}`, trace: 'tr-1', dataset: 'd-1' },
  ...{ issue: 'i-1', queue: 'q-1', schema: 's-1', job: 'j-1' },
  ...{ model: 'team-a/x', prompt: 'prompt-a', endpoint: 'x' },
};

describe('calls that change things, by keys with grants of them', () => {
  let mlflow: RecordingUpstream;
  let system: GrantSystem;

  beforeAll(async () => {
    mlflow = await startAnsweringMlflow();
    system = await startGrantSystem(mlflow.url);
    system.know(READER, ALL_SCOPES, everything('read'));
    system.know(MANAGER, ALL_SCOPES, everything('manage'));
    system.know(WITHOUT_SCOPE, ['workspace:read'], everything('manage'));
  });
  afterAll(async () => {
    await system?.close();
    await mlflow?.close();
  });

  it.each(CHANGING_CALLS.map((route) => ({ call: `${route.method} ${route.template}`, route })))(
    '$call takes the level, and the scope',
    async ({ route }) => {
      const asked = requestOf(route, THINGS);
      const outcome = async (
        key: string,
      ): Promise<Pick<Reply, 'status'> & { message: unknown; forwarded: number }> => {
        system.forwarded();
        const { status, body } = await system.ask(key, asked);
        return { status, message: body['message'], forwarded: system.forwarded().length };
      };
      expect(await outcome(MANAGER)).toEqual({ status: 200, message: undefined, forwarded: 1 });
      expect(await outcome(READER)).toEqual({
        status: 403,
        message: expect.stringMatching(
          /^The API key has no grant to (?:write|manage|invoke) the /,
        ) as unknown,
        forwarded: 0,
      });
      expect(await outcome(WITHOUT_SCOPE)).toEqual({
        status: 403,
        message: expect.stringMatching(/^The API key lacks a required scope: /) as unknown,
        forwarded: 0,
      });
    },
  );
});
