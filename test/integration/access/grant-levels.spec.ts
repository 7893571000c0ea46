import { allRoutes } from '../../../src/gateway/mlflow-routes/route-table.js';
import type { Route } from '../../../src/gateway/mlflow-routes/route.js';
import { startAnsweringMlflow } from '../../support/answering-mlflow.js';
import { startGrantSystem, type Asked, type GrantSystem, type Reply } from '../../support/grant-system.js';
import type { RecordingUpstream } from '../../support/recording-upstream.js';
import type { Grants } from '../../../src/contracts/grants.js';

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

/** An id of each kind in its own form, by the name of the member that holds it. */
const RUN = '0123456789abcdef0123456789abcdef';
const VALUES: readonly (readonly [RegExp, string])[] = [
  [/experiment_ids?$/, '1'],
  [/run_(?:id|uuid|ids)$/, RUN],
  [/model_ids?$/, `m-${RUN}`],
  [/_ids?$/, 'tr-1'],
  [/experiment_name$/, 'team-a/one'],
  [/new_name$/, 'team-a/two'],
  [/prompt_uri$/, 'prompts:/prompt-a/1'],
  [/gateway_path$/, 'gateway/x/invocations'],
  [/source$/, `runs:/${RUN}/model`],
  [/serialized_scorers?$/, '{}'],
];
const valueOf = (name: string): string => VALUES.find(([pattern]) => pattern.test(name))?.[1] ?? 'team-a/x';
/** Where a name has to be another than what a plain id is. */
const GIVEN: Readonly<Record<string, object>> = {
  createPromptOptimizationJob: { experiment_id: '1', source_prompt_uri: 'prompts:/prompt-a/1' },
  invoke_genai_evaluate_handler: { experiment_id: '1', trace_ids: ['tr-1'], serialized_scorers: ['{}'] },
  invoke_issue_detection_handler: { experiment_id: '1', trace_ids: ['tr-1'] },
  invoke_scorer_handler: { experiment_id: '1', trace_ids: ['tr-1'], serialized_scorer: '{}' },
  linkPromptsToTrace: { trace_id: 'tr-1', prompt_versions: [{ name: 'prompt-a', version: '1' }] },
  startTraceV3: {
    trace: {
      trace_info: { trace_id: 'tr-1', trace_location: { mlflow_experiment: { experiment_id: '1' } } },
    },
  },
  startTrace: { experiment_id: '1' },
  serve_gateway_proxy: { gateway_path: 'gateway/x/invocations' },
};
const LISTS: ReadonlySet<string> = new Set(['trace_ids']);
/** Families of the paths of files and of searches have tests of their own. */
const ELSEWHERE: ReadonlySet<string> = new Set(['artifact', 'graphql', 'otlp']);
const UNGRANTED: ReadonlySet<string> = new Set([
  'mcp',
  'gateway-admin',
  'webhook',
  'user',
  'assistant',
  'demo',
  'ui',
  'workspace',
]);

const changes = allRoutes().filter(
  ({ family, action, template }) =>
    action !== 'read' &&
    !ELSEWHERE.has(family) &&
    !UNGRANTED.has(family) &&
    // For administrators: it needs their scope.
    template !== '/ajax-api/3.0/jobs/' &&
    // Sources of versions have tests of their own.
    !template.endsWith('/model-versions/create') &&
    // MLflow's basic-auth application.
    !template.includes('/permissions/'),
);

/** A whole request of a route, with an id of the right form wherever the table knows of one. */
function requestOf({ method, template, ids, name }: Route): Asked {
  const path = template.replace(/\{(\w+)(?::path)?\}/g, (_, parameter: string) => pathValue(parameter));
  const body: Record<string, unknown> = {};
  for (const { place, name: id } of ids)
    if (place === 'body' && !id.includes('.') && !id.endsWith('location')) {
      const member = id.replace('[]', '');
      body[member] = id.endsWith('[]') || LISTS.has(member) ? [valueOf(member)] : valueOf(member);
    }
  const withoutUuid = 'run_uuid' in body ? { ...body, run_uuid: body['run_id'] ?? RUN } : body;
  return { method, path, body: GIVEN[name] ?? withoutUuid };
}

function pathValue(parameter: string): string {
  if (parameter === 'model_id') return `m-${RUN}`;
  return parameter === 'path' ? 'v1/x' : 'tr-1';
}

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

  it.each(changes.map((route) => ({ call: `${route.method} ${route.template}`, route })))(
    '$call takes the level, and the scope',
    async ({ route }) => {
      const asked = requestOf(route);
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
