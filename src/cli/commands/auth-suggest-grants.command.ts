import type { Command } from 'commander';
import {
  DEFAULT_SCOPES_WITH_GRANTS,
  DEFAULT_SUGGESTION_DAYS,
  MAX_SUGGESTION_DAYS,
  type Grants,
  type GrantSuggestionResponse,
  type SuggestionReason,
} from '../../sdk/index.js';
import { usageError } from '../cli-error.js';
import type { CommandRunner, Handler } from '../command-context.js';
import { minuteOf } from '../io/key-text.js';
import { keyId, positiveInteger } from '../io/option-values.js';
import type { Column } from '../io/output.js';
import { shellOption } from '../io/shell-words.js';

interface SuggestOptions {
  days: number;
}

const EXAMPLES = `
Examples:
  hokusai auth suggest-grants 0d7e5f1c-2f3b-4f6e-9a55-0c8d1f0f5b11
  hokusai auth suggest-grants 0d7e5f1c-2f3b-4f6e-9a55-0c8d1f0f5b11 --days 7 --json`;

const COLUMNS: readonly Column<SuggestionReason>[] = [
  { heading: 'SUGGESTED', text: ({ scope, grant }) => scope ?? grantText(grant) },
  { heading: 'REQUESTS', text: ({ requests }) => String(requests) },
  { heading: 'LAST', text: ({ last_used_at: at }) => minuteOf(at) },
  { heading: 'BECAUSE', text: ({ because }) => because },
];

/** Grants for everything: with them the gateway looks up what each request of the key is about. */
const EVERYTHING: Grants = {
  experiments: [{ name: '*', level: 'manage' }],
  models: [{ name: '*', level: 'manage' }],
  prompts: [{ name: '*', level: 'manage' }],
  endpoints: [{ name: '*', level: 'invoke' }],
};

/** Scopes that a scope for all of MLflow does not include if the key has grants. */
const UNGRANTED = /^(?:admin|(?:gateway|mcp|workspace):(?:write|manage))$/;

export function addSuggestGrants(auth: Command, runner: CommandRunner): void {
  auth
    .command('suggest-grants')
    .summary('the smallest scopes and grants for what a key did')
    .description(
      'Reads from usage what a key did, proposes the smallest scopes and grants that cover it, says what it could not see, and prints the command that sets them. It changes nothing.',
    )
    .argument('<key-id>', 'id of the key, as list-keys shows it', keyId)
    .option(
      '--days <days>',
      'how far to look back: whole days in UTC, today among them',
      positiveInteger,
      DEFAULT_SUGGESTION_DAYS,
    )
    .addHelpText('after', EXAMPLES)
    .action(runner.action(suggestGrants));
}

const suggestGrants: Handler<SuggestOptions> = async (context, { days }, id = '') => {
  if (days > MAX_SUGGESTION_DAYS) throw usageError(`--days is at most ${MAX_SUGGESTION_DAYS}`);
  const { output } = context;
  const suggestion = await context.adminClient().grantSuggestion(id, { days });
  if (output.json) return output.data(suggestion);
  const { requests, from, reasons, gaps, grants } = suggestion;
  output.note(`${requests} requests since ${minuteOf(from)} UTC`);
  if (reasons.length > 0) output.table(COLUMNS, reasons);
  for (const gap of gaps) output.warning(`not covered (${gap.gap}, ${gap.requests}): ${gap.because}`);
  if (reasons.length === 0)
    return output.note('No use of this key is recorded, so there is nothing to suggest.');
  output.note(grants === null ? 'To set these scopes:' : 'To set exactly this:');
  output.line(commandFor(suggestion, grants));
  if (grants !== null) return;
  output.note('To have the rest recorded, give it grants that open everything, and ask again later:');
  output.line(commandFor({ ...suggestion, scopes: broadScopes(suggestion.scopes) }, EVERYTHING));
};

/** Everything that grants decide about, and the scopes that were used for everything else. */
function broadScopes(used: readonly string[]): string[] {
  return [...DEFAULT_SCOPES_WITH_GRANTS, ...used.filter((scope) => UNGRANTED.test(scope))];
}

/** A command that sets scopes, and grants where there are any. */
function commandFor({ key_id: id, scopes }: GrantSuggestionResponse, grants: Grants | null): string {
  const options = scopes.map((scope) => shellOption('--scope', scope));
  return ['hokusai auth update-key', id, ...options, ...(grants === null ? [] : grantOptions(grants))].join(
    ' ',
  );
}

function grantOptions(grants: Grants): string[] {
  const { experiments = [], models = [], prompts = [], endpoints = [], workspaces = [] } = grants;
  // For these values, options would mean something else.
  const isOnlyJson = experiments.some((one) => 'name' in one && /^\d+$/.test(one.name));
  if (isOnlyJson || Object.keys(grants).length === 0)
    return [shellOption('--grants', JSON.stringify(grants))];
  return [
    ...experiments.map((one) =>
      shellOption('--experiment', `${'id' in one ? one.id : one.name}:${one.level}`),
    ),
    ...models.map(({ name, level }) => shellOption('--model', `${name}:${level}`)),
    ...prompts.map(({ name, level }) => shellOption('--prompt', `${name}:${level}`)),
    ...endpoints.map(({ name }) => shellOption('--endpoint', `${name}:invoke`)),
    ...workspaces.map((name) => shellOption('--workspace', name)),
  ];
}

function grantText(grant: SuggestionReason['grant']): string {
  return grant === null ? '-' : `${grant.kind} ${grant.value}:${grant.level}`;
}
