import { Option, type Command } from 'commander';
import { ENVIRONMENTS, type Environment, type KeyResource } from '../../sdk/index.js';
import type { CommandRunner, Handler } from '../command-context.js';
import { KEY_COLUMNS, keyDetails } from '../io/key-text.js';
import { keyId, positiveInteger } from '../io/option-values.js';
import { detailLines } from '../io/output.js';

interface ListKeysOptions {
  serviceId?: string;
  userId?: string;
  environment?: Environment;
  active?: boolean;
  limit?: number;
}

export function addListKeys(auth: Command, runner: CommandRunner): void {
  auth
    .command('list-keys')
    .summary('list keys')
    .description('Lists keys, newest first as the service gives them; never the keys themselves.')
    .option('--service-id <id>', 'only keys for this service')
    .option('--user-id <id>', 'only keys of this user')
    .addOption(new Option('--environment <name>', 'only keys of this environment').choices(ENVIRONMENTS))
    .option('--active', 'only keys that are neither expired nor revoked')
    .option('--limit <number>', 'at most so many keys', positiveInteger)
    .addHelpText('after', '\nExamples:\n  hokusai auth list-keys\n  hokusai auth list-keys --active --json')
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
  const { serviceId, userId, environment, active, limit = Infinity } = options;
  const query = {
    ...(serviceId !== undefined && { service_id: serviceId }),
    ...(userId !== undefined && { user_id: userId }),
    ...(environment !== undefined && { environment }),
    ...(active === true && { is_active: true }),
  };
  const keys: KeyResource[] = [];
  for await (const key of context.adminClient().listKeys(query)) {
    keys.push(key);
    if (keys.length >= limit) break;
  }
  const { output } = context;
  if (output.json) return output.data({ keys });
  if (keys.length === 0)
    return output.note('There are no keys. Create one with "hokusai auth create-key --name <name>".');
  output.table(KEY_COLUMNS, keys);
};

const showKey: Handler<object> = async (context, _options, id = '') => {
  const { output } = context;
  const key = await context.adminClient().getKey(id);
  if (output.json) return output.data(key);
  for (const line of detailLines(keyDetails(key))) output.line(line);
};
