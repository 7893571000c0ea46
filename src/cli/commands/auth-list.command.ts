import { InvalidArgumentError, Option, type Command } from 'commander';
import {
  ENVIRONMENTS,
  KEY_SORTS,
  KEY_STATUSES,
  type Environment,
  type KeyResource,
  type KeySort,
  type KeyStatus,
  type ListKeysQuery,
} from '../../sdk/index.js';
import type { CommandRunner, Handler } from '../command-context.js';
import { KEY_COLUMNS, keyDetails } from '../io/key-text.js';
import { duration, keyId, positiveInteger, timeOrAge } from '../io/option-values.js';
import { detailLines } from '../io/output.js';

interface ListKeysOptions {
  serviceId?: string;
  userId?: string;
  environment?: Environment;
  search?: string;
  status?: KeyStatus[];
  expiresWithin?: string;
  unusedSince?: string;
  sort?: KeySort;
  active?: boolean;
  limit?: number;
}

const EXAMPLES = `
Examples:
  hokusai auth list-keys
  hokusai auth list-keys --active --json
  hokusai auth list-keys --expires-within 14d --sort expires_at
  hokusai auth list-keys --search nightly --unused-since 30d`;

export function addListKeys(auth: Command, runner: CommandRunner): void {
  auth
    .command('list-keys')
    .summary('list keys')
    .description('Lists keys, newest first as the service gives them; never the keys themselves.')
    .option('--service-id <id>', 'only keys for this service')
    .option('--user-id <id>', 'only keys of this user')
    .addOption(new Option('--environment <name>', 'only keys of this environment').choices(ENVIRONMENTS))
    .option('--search <text>', 'only keys with this in their name, prefix, user id or description')
    .addOption(
      new Option('--status <status>', `only keys that are ${KEY_STATUSES.join(', ')}; repeatable`).argParser(
        statuses,
      ),
    )
    .option(
      '--expires-within <duration>',
      'only active keys that end within this time: 14d, 36h, 90m',
      duration,
    )
    .option(
      '--unused-since <time>',
      'only keys not used since: a time, a date, or an age such as 30d',
      (text: string) => timeOrAge(text),
    )
    .addOption(new Option('--sort <field>', 'order of the list (default: newest first)').choices(KEY_SORTS))
    .option('--active', 'only keys that are neither expired nor revoked')
    .option('--limit <number>', 'show at most this many keys', positiveInteger)
    .addHelpText('after', EXAMPLES)
    .action(runner.action(listKeys));
}

export function addShowKey(auth: Command, runner: CommandRunner): void {
  auth
    .command('show-key')
    .summary('show one key')
    .description('Shows everything about one key, except the key itself.')
    .argument('<key-id>', 'id of the key, as list-keys shows it', keyId)
    .addHelpText('after', '\nExample:\n  hokusai auth show-key 0d7e5f1c-2f3b-4f6e-9a55-0c8d1f0f5b11')
    .action(runner.action(showKey));
}

const listKeys: Handler<ListKeysOptions> = async (context, options) => {
  const { limit = Infinity } = options;
  const query = queryOf(options);
  const keys: KeyResource[] = [];
  for await (const key of context.adminClient().listKeys(query)) {
    keys.push(key);
    if (keys.length >= limit) break;
  }
  const { output } = context;
  if (output.json) return output.data({ keys });
  if (keys.length === 0)
    return output.note(
      Object.keys(query).length > 0
        ? 'No key fits.'
        : 'There are no keys. Create one with "hokusai auth create-key --name <name>".',
    );
  output.table(KEY_COLUMNS, keys);
};

/** Absent options stay absent, so that the service's own defaults hold. */
function queryOf(options: ListKeysOptions): ListKeysQuery {
  const { serviceId, userId, environment, active } = options;
  const { search, status, expiresWithin, unusedSince, sort } = options;
  return {
    ...(serviceId !== undefined && { service_id: serviceId }),
    ...(userId !== undefined && { user_id: userId }),
    ...(environment !== undefined && { environment }),
    ...(active === true && { is_active: true }),
    ...(search !== undefined && { q: search }),
    ...(status !== undefined && { status }),
    ...(expiresWithin !== undefined && { expires_within: expiresWithin }),
    ...(unusedSince !== undefined && { unused_since: unusedSince }),
    ...(sort !== undefined && { sort }),
  };
}

const showKey: Handler<object> = async (context, _options, id = '') => {
  const { output } = context;
  const key = await context.adminClient().getKey(id);
  if (output.json) return output.data(key);
  for (const line of detailLines(keyDetails(key))) output.line(line);
};

function statuses(text: string, before: KeyStatus[] = []): KeyStatus[] {
  if (!(KEY_STATUSES as readonly string[]).includes(text))
    throw new InvalidArgumentError(`It must be one of ${KEY_STATUSES.join(', ')}.`);
  return [...before, text as KeyStatus];
}
