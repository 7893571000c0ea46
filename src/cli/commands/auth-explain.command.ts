import type { Command } from 'commander';
import { readFile } from 'node:fs/promises';
import type { ExplainedFinding, ExplainRequest, ExplainResponse } from '../../sdk/index.js';
import { usageError } from '../cli-error.js';
import type { CommandContext, CommandRunner, Handler } from '../command-context.js';
import { EXIT } from '../exit-codes.js';
import { detailLines } from '../io/output.js';

interface ExplainOptions {
  body?: string;
  header?: string[];
  keyId?: string;
}

const EXAMPLES = `
Examples:
  hokusai auth explain GET '/api/2.0/mlflow/runs/get?run_id=…'
  hokusai auth explain POST /api/2.0/mlflow/runs/set-tag --body '{"run_id": "…", "key": "k", "value": "v"}'
  hokusai auth explain POST /api/2.0/mlflow/runs/log-batch --body @batch.json --json
  hokusai auth explain GET '/api/2.0/mlflow/experiments/get?experiment_id=12' --key-id 0d7e5f1c-2f3b-4f6e-9a55-0c8d1f0f5b11`;

export function addExplain(auth: Command, runner: CommandRunner): void {
  auth
    .command('explain')
    .summary('ask the gateway whether a request would pass, and why')
    .description(
      'Asks the gateway what would happen to a request. It is not sent to MLflow. Exit code 0: allowed; 3: refused. With --key-id another key is explained: that takes HOKUSAI_ADMIN_TOKEN, and a key of your own with the scope admin.',
    )
    .argument('<method>', 'such as GET')
    .argument('<path>', 'path and query, below the tracking URI')
    .option('--body <json>', 'body as JSON, or @ and the name of a file')
    .option('--header <name:value...>', 'header of the request')
    .option('--key-id <id>', 'explain this key instead of your own')
    .addHelpText('after', EXAMPLES)
    .action(runner.action(explain));
}

const explain: Handler<ExplainOptions> = async (context, options, method, path) => {
  const { output } = context;
  const client = context.gatewayClient();
  const explained = await client.explain({
    method: method.toUpperCase(),
    path: path,
    ...(await bodyOf(options.body)),
    ...(options.header && { headers: headersOf(options.header) }),
    ...(options.keyId !== undefined && { as: await keyOf(context, options.keyId) }),
  });
  if (output.json) output.data(explained);
  else for (const line of linesOf(explained)) output.line(line);
  return explained.decision === 'allowed' ? EXIT.ok : EXIT.refused;
};

async function keyOf(context: CommandContext, id: string): Promise<NonNullable<ExplainRequest['as']>> {
  const { scopes, grants } = await context.adminClient().getKey(id);
  return { scopes, grants };
}

async function bodyOf(given: string | undefined): Promise<Pick<ExplainRequest, 'body'>> {
  if (given === undefined) return {};
  const text = given.startsWith('@') ? await contentOf(given.slice(1)) : given;
  try {
    return { body: JSON.parse(text) as unknown };
  } catch {
    throw usageError(
      'The body is not JSON',
      'Put it in single quotes, or name a file with --body @file.json.',
    );
  }
}

async function contentOf(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch {
    throw usageError(`The file ${file} cannot be read`, 'Check its name and its permissions.');
  }
}

function headersOf(given: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    given.map((text) => {
      const colon = text.indexOf(':');
      if (colon < 1) throw usageError(`"${text}" is not a header`, 'Give it as "name: value".');
      return [text.slice(0, colon).trim(), text.slice(colon + 1).trim()];
    }),
  );
}

function linesOf({
  decision,
  refusal,
  route,
  needed_scope,
  opened_by,
  findings,
  forwarded,
  limits,
}: ExplainResponse): string[] {
  const details: [string, string][] = [
    ['Decision', refusal === null ? decision : `${decision} (${refusal.status}, ${refusal.problem})`],
    ...(refusal === null ? [] : [['Because', refusal.message] as [string, string]]),
    [
      'Call',
      route === null ? 'none that a known MLflow has' : `${route.name} (${route.family}, ${route.action})`,
    ],
    ['Needed scope', scopeText(needed_scope, opened_by)],
    ...findings.map((finding): [string, string] => ['Names', findingText(finding)]),
    ...(forwarded === null ? [] : [['Forwarded', forwarded] as [string, string]]),
    [
      'Counts in',
      limits.map(({ name, limit, window_seconds }) => `${name} (${limit} in ${window_seconds} s)`).join(', '),
    ],
  ];
  return detailLines(details);
}

/** `experiment:read, by mlflow:write`. */
function scopeText(needed: string | null, openedBy: readonly string[] = []): string {
  return `${needed ?? '-'}${openedBy.length === 0 ? '' : `, by ${openedBy.join(', ')}`}`;
}

/** `run 0123… (query run_id), to read: experiment 12, by the grant experiment team-a/*:write`. */
function findingText({ kind, id, at, level, owners, grant }: ExplainedFinding): string {
  const belongs = owners.map((owner) => `${owner.kind} ${owner.name ?? owner.id}`).join(', ');
  const opened =
    grant === null ? 'no grant opens it' : `by the grant ${grant.kind} ${grant.value}:${grant.level}`;
  return `${kind} ${id === '' ? '(missing)' : id} (${at}), to ${level}: ${belongs === '' ? '' : `${belongs}, `}${opened}`;
}
