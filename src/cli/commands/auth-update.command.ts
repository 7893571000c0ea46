import { InvalidArgumentError, type Command } from 'commander';
import type { UpdateKeyRequest } from '../../sdk/index.js';
import { usageError } from '../cli-error.js';
import type { CommandRunner, Handler } from '../command-context.js';
import { addGrantOptions, grantsOf, type GrantOptions } from '../io/grant-options.js';
import { keyDetails } from '../io/key-text.js';
import { keyId, positiveInteger, repeatable, timeAhead } from '../io/option-values.js';

interface UpdateKeyOptions extends GrantOptions {
  name?: string;
  scope?: string[];
  rateLimit?: number;
  burst?: number;
  searchesPerMinute?: number;
  writesPerMinute?: number;
  allowedIp?: string[];
  userId?: string;
  description?: string;
  expiresAt?: string;
  clear?: Clearable[];
}

const CLEARABLE = {
  'rate-limit': 'rate_limit_per_hour',
  burst: 'burst',
  'searches-per-minute': 'searches_per_minute',
  'writes-per-minute': 'writes_per_minute',
  'allowed-ip': 'allowed_ips',
  grants: 'grants',
  'user-id': 'user_id',
  description: 'description',
} as const;
type Clearable = keyof typeof CLEARABLE;

const EXAMPLES = `
Examples:
  hokusai auth update-key 0d7e5f1c-2f3b-4f6e-9a55-0c8d1f0f5b11 --scope mlflow:read
  hokusai auth update-key 0d7e5f1c-2f3b-4f6e-9a55-0c8d1f0f5b11 --experiment 'team-a/*:write' --model 'team-a-*:read'
  hokusai auth update-key 0d7e5f1c-2f3b-4f6e-9a55-0c8d1f0f5b11 --clear grants`;

export function addUpdateKey(auth: Command, runner: CommandRunner): void {
  const command = auth
    .command('update-key')
    .summary('change what a key may do')
    .description(
      'Changes only the given fields; gateways apply the change within a second. Scopes, addresses and grants ' +
        'are replaced as a whole.',
    )
    .argument('<key-id>', 'id of the key, as list-keys shows it', keyId)
    .option('--name <name>', 'name by which people know the key')
    .option('--scope <scope>', 'what the key may do from now on; repeatable', repeatable)
    .option('--rate-limit <requests>', 'requests an hour', positiveInteger)
    .option('--burst <requests>', 'requests in one burst window', positiveInteger)
    .option('--searches-per-minute <requests>', 'searches a minute', positiveInteger)
    .option('--writes-per-minute <requests>', 'writes a minute', positiveInteger)
    .option('--user-id <id>', 'user whose key it is')
    .option('--description <text>', 'what the key is for, for people')
    .option(
      '--expires-at <time>',
      'when it ends, a time or a duration from now: earlier than planned, of a rotated key also later',
      (text: string) => timeAhead(text),
    )
    .option('--allowed-ip <address>', 'address or CIDR block it may be used from; repeatable', repeatable);
  addGrantOptions(command)
    .option(
      '--clear <what>',
      `back to the default: ${Object.keys(CLEARABLE).join(', ')}; repeatable`,
      clearable,
    )
    .addHelpText('after', EXAMPLES)
    .action(runner.action(updateKey));
}

const updateKey: Handler<UpdateKeyOptions> = async (context, options, id = '') => {
  const changes = await changesOf(options);
  if (Object.keys(changes).length === 0)
    throw usageError('nothing to change: name at least one option, such as --scope');
  const key = await context.adminClient().updateKey(id, changes);
  const { output } = context;
  if (output.json) return output.data(key);
  output.note(`Changed "${key.name}" (${key.key_id}).`);
  output.details(keyDetails(key));
};

async function changesOf(options: UpdateKeyOptions): Promise<UpdateKeyRequest> {
  const {
    name,
    scope,
    rateLimit,
    burst,
    searchesPerMinute,
    writesPerMinute,
    allowedIp,
    clear = [],
  } = options;
  const { userId, description, expiresAt } = options;
  const grants = await grantsOf(options);
  return {
    ...Object.fromEntries(clear.map((what) => [CLEARABLE[what], null])),
    ...(name !== undefined && { name }),
    ...(scope !== undefined && { scopes: scope }),
    ...(rateLimit !== undefined && { rate_limit_per_hour: rateLimit }),
    ...(burst !== undefined && { burst }),
    ...(searchesPerMinute !== undefined && { searches_per_minute: searchesPerMinute }),
    ...(writesPerMinute !== undefined && { writes_per_minute: writesPerMinute }),
    ...(allowedIp !== undefined && { allowed_ips: allowedIp }),
    ...(grants !== undefined && { grants }),
    ...(userId !== undefined && { user_id: userId }),
    ...(description !== undefined && { description }),
    ...(expiresAt !== undefined && { expires_at: expiresAt }),
  };
}

function clearable(text: string, before: Clearable[] = []): Clearable[] {
  if (!Object.hasOwn(CLEARABLE, text))
    throw new InvalidArgumentError(`It must be one of ${Object.keys(CLEARABLE).join(', ')}.`);
  return [...before, text as Clearable];
}
