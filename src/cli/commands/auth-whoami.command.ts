import type { Command } from 'commander';
import type { KeyLimit, WhoamiResponse } from '../../sdk/index.js';
import type { CommandRunner, Handler } from '../command-context.js';
import { grantsText } from '../io/key-text.js';
import { detailLines } from '../io/output.js';

const EXAMPLES = `
Examples:
  hokusai auth whoami
  hokusai auth whoami --json
  pass show hokusai/key | hokusai auth whoami --api-key-stdin`;

export function addWhoami(auth: Command, runner: CommandRunner): void {
  auth
    .command('whoami')
    .summary('ask the gateway what your key may do')
    .description(
      'Asks the gateway about the configured key: its scopes, grants and limits as they count now.',
    )
    .addHelpText('after', EXAMPLES)
    .action(runner.action(whoami));
}

const whoami: Handler<object> = async (context) => {
  const { output } = context;
  const said = await context.gatewayClient().whoami();
  if (output.json) return output.data(said);
  for (const line of detailLines(detailsOf(said))) output.line(line);
  if (said.unknown_scopes.length > 0)
    output.warning(
      `This gateway does not know these scopes, which open nothing: ${said.unknown_scopes.join(', ')}`,
    );
};

function detailsOf(said: WhoamiResponse): [name: string, value: string][] {
  return [
    ['Key id', said.key_id ?? '-'],
    ['User', said.user_id ?? '-'],
    ['Service', said.service_id ?? '-'],
    ['Environment', said.environment ?? '-'],
    ['Found as', said.credential],
    ['Scopes', said.scopes.join(', ') || 'none'],
    ['May', abilities(said)],
    ['Grants', grantsText(said.grants)],
    ...said.limits.map((limit): [string, string] => [`Limit "${limit.name}"`, limitText(limit)]),
    ['Expires', said.expires_at ?? 'never'],
    ['Allowed addresses', said.allowed_ips?.join(', ') ?? 'any'],
    ['Your address', said.client_ip],
    ['Known from', said.cache ?? '-'],
  ];
}

/** Families of one level together: `write experiment, model; read trace`. */
function abilities({ levels, may_invoke, is_admin, may_use_unknown_routes }: WhoamiResponse): string {
  const byLevel = new Map<string, string[]>();
  for (const [family, level] of Object.entries(levels))
    if (level !== null) byLevel.set(level, [...(byLevel.get(level) ?? []), family]);
  const parts = ['manage', 'write', 'read'].flatMap((level) => {
    const families = byLevel.get(level);
    if (families === undefined) return [];
    return `${level} ${families.length === Object.keys(levels).length ? 'everything' : families.join(', ')}`;
  });
  if (may_invoke) parts.push('call models');
  if (is_admin) parts.push('administrate');
  if (may_use_unknown_routes) parts.push('use calls that this gateway does not know');
  return parts.join('; ') || 'nothing';
}

function limitText({ counts, limit, window_seconds, remaining, reset_seconds }: KeyLimit): string {
  const what = counts === 'all' ? 'requests' : counts;
  const left = remaining === null ? '' : `, ${remaining} left; more in ${reset_seconds} s`;
  return `${limit} ${what} in ${window_seconds} s${left}`;
}
