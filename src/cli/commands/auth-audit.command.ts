import type { Command } from 'commander';
import type { AuditEntryResource, AuditQuery } from '../../sdk/index.js';
import { usageError } from '../cli-error.js';
import type { CommandContext, CommandRunner, Handler } from '../command-context.js';
import { EXIT, type ExitCode } from '../exit-codes.js';
import { minuteOf } from '../io/key-text.js';
import { keyId, positiveInteger, repeatable, timeOrAge } from '../io/option-values.js';
import type { Column } from '../io/output.js';

interface AuditOptions {
  keyId?: string;
  action?: string[];
  actor?: string;
  from?: string;
  to?: string;
  limit?: number;
  verify?: boolean;
}

const DEFAULT_LIMIT = 50;

const EXAMPLES = `
Examples:
  hokusai auth audit
  hokusai auth audit --action key.revoked --from 7d
  hokusai auth audit --actor admin:ana --limit 200 --json
  hokusai auth audit --verify`;

const COLUMNS: readonly Column<AuditEntryResource>[] = [
  { heading: 'ENTRY', text: ({ seq }) => String(seq) },
  { heading: 'TIME', text: ({ at }) => minuteOf(at) },
  { heading: 'ACTION', text: ({ action }) => action },
  { heading: 'BY', text: ({ actor }) => actor },
  { heading: 'FROM', text: ({ client_ip }) => client_ip ?? '-' },
  { heading: 'KEY ID', text: ({ key_id }) => key_id ?? '-' },
  { heading: 'DETAILS', text: ({ details }) => JSON.stringify(details) },
];

export function addAudit(auth: Command, runner: CommandRunner): void {
  auth
    .command('audit')
    .summary('who changed what')
    .description('Shows what was done to keys, latest first, or checks that the log is whole.')
    .option('--key-id <id>', 'only entries of this key', keyId)
    .option('--action <action>', 'only such entries, as key.revoked; repeatable', repeatable)
    .option('--actor <name>', 'only entries of this administrator, as admin:ana')
    .option('--from <time>', 'begin: a time, a date, or an age such as 24h', (text: string) =>
      timeOrAge(text),
    )
    .option('--to <time>', 'end: the same', (text: string) => timeOrAge(text))
    .option('--limit <number>', `at most this many entries (default: ${DEFAULT_LIMIT})`, positiveInteger)
    .option('--verify', 'check the chain of hashes; exit code 1 if an entry was changed or is missing')
    .addHelpText('after', EXAMPLES)
    .action(runner.action(audit));
}

const audit: Handler<AuditOptions> = async (context, options) => {
  const { keyId: key_id, action, actor, from, to, limit = DEFAULT_LIMIT, verify = false } = options;
  const query: AuditQuery = {
    ...(key_id !== undefined && { key_id }),
    ...(action !== undefined && { action }),
    ...(actor !== undefined && { actor }),
    ...(from !== undefined && { from }),
    ...(to !== undefined && { to }),
  };
  if (verify) {
    if (Object.keys(query).length > 0)
      throw usageError('--verify checks the whole log: leave the filters out');
    return verifyLog(context);
  }
  const entries: AuditEntryResource[] = [];
  for await (const entry of context.adminClient().audit({ ...query, limit: Math.min(limit, 200) })) {
    entries.push(entry);
    if (entries.length >= limit) break;
  }
  const { output } = context;
  if (output.json) return output.data({ entries });
  if (entries.length === 0) return output.note('No entries match.');
  output.table(COLUMNS, entries);
};

async function verifyLog(context: CommandContext): Promise<ExitCode> {
  const { output } = context;
  const verification = await context.adminClient().verifyAudit();
  const { valid, entries, broken_at_seq, head_hash } = verification;
  if (output.json) output.data(verification);
  else if (valid) output.note(`All ${entries} entries are there, in order and unchanged. Head: ${head_hash}`);
  else output.note(`Entry ${broken_at_seq} was changed, or is missing: restore the log from a backup.`);
  return valid ? EXIT.ok : EXIT.failure;
}
