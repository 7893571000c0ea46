import { Option, type Command } from 'commander';
import {
  ENVIRONMENTS,
  SERVICE_ID_ML_PLATFORM,
  type CreateKeyRequest,
  type Environment,
} from '../../sdk/index.js';
import type { CommandRunner, Handler } from '../command-context.js';
import { addGrantOptions, grantsOf, type GrantOptions } from '../io/grant-options.js';
import { keyDetails } from '../io/key-text.js';
import { positiveInteger, repeatable } from '../io/option-values.js';

interface CreateKeyOptions extends GrantOptions {
  name: string;
  serviceId?: string[];
  userId?: string;
  description?: string;
  environment?: Environment;
  scope?: string[];
  rateLimit?: number;
  burst?: number;
  searchesPerMinute?: number;
  writesPerMinute?: number;
  expiresInDays?: number;
  allowedIp?: string[];
}

const EXAMPLES = `
Examples:
  hokusai auth create-key --name "Production Key"
  hokusai auth create-key --name ci --environment staging --scope mlflow:access --expires-in-days 90
  hokusai auth create-key --name train --experiment 'team-a/*:write' --model 'team-a-*:read'
  hokusai auth create-key --name office --allowed-ip 203.0.113.0/24 --allowed-ip 2001:db8::/32
  export HOKUSAI_API_KEY="$(hokusai auth create-key --name laptop)"`;

export function addCreateKey(auth: Command, runner: CommandRunner): void {
  const command = auth
    .command('create-key')
    .summary('issue a new key')
    .description('Issues a key. The key is written to standard output, once; it cannot be shown again.')
    .requiredOption('--name <name>', 'name by which people know the key')
    .option(
      '--service-id <id>',
      `registered service that the key is for; repeatable (default: ${SERVICE_ID_ML_PLATFORM})`,
      repeatable,
    )
    .option('--user-id <id>', 'user whose key it is')
    .option('--description <text>', 'what the key is for, for people')
    .addOption(
      new Option('--environment <name>', 'environment; decides the prefix (default: production)').choices(
        ENVIRONMENTS,
      ),
    )
    .option('--scope <scope>', 'what the key may do; repeatable (default: all of ml-platform)', repeatable)
    .option('--rate-limit <requests>', "requests an hour (default: the gateway's)", positiveInteger)
    .option('--burst <requests>', "requests in one burst window (default: the gateway's)", positiveInteger)
    .option('--searches-per-minute <requests>', "searches a minute (default: the gateway's)", positiveInteger)
    .option('--writes-per-minute <requests>', "writes a minute (default: the gateway's)", positiveInteger)
    .option('--expires-in-days <days>', 'days until the key ends (default: never)', positiveInteger)
    .option(
      '--allowed-ip <address>',
      'address or CIDR block it may be used from; repeatable (default: any)',
      repeatable,
    );
  addGrantOptions(command).addHelpText('after', EXAMPLES).action(runner.action(createKey));
}

const createKey: Handler<CreateKeyOptions> = async (context, options) => {
  const { output } = context;
  const grants = await grantsOf(options);
  const created = await context
    .adminClient()
    .createKey({ ...requestOf(options), ...(grants !== undefined && { grants }) });
  if (output.json) return output.data(created);
  const { api_key: apiKey, ...key } = created;
  output.note('Created. The key is shown this once: store it now.');
  output.details(keyDetails(key));
  output.key(apiKey);
};

/** Absent options stay absent, so that the service's own defaults hold. */
function requestOf(options: CreateKeyOptions): CreateKeyRequest {
  const { name, serviceId, userId, environment, scope, expiresInDays, allowedIp } = options;
  const { rateLimit, burst, searchesPerMinute, writesPerMinute } = options;
  const { description } = options;
  return {
    name,
    ...servicesOf(serviceId),
    ...(userId !== undefined && { user_id: userId }),
    ...(description !== undefined && { description }),
    ...(environment !== undefined && { environment }),
    ...(scope !== undefined && { scopes: scope }),
    ...(rateLimit !== undefined && { rate_limit_per_hour: rateLimit }),
    ...(burst !== undefined && { burst }),
    ...(searchesPerMinute !== undefined && { searches_per_minute: searchesPerMinute }),
    ...(writesPerMinute !== undefined && { writes_per_minute: writesPerMinute }),
    ...(expiresInDays !== undefined && { expires_in_days: expiresInDays }),
    ...(allowedIp !== undefined && { allowed_ips: allowedIp }),
  };
}

function servicesOf([first = SERVICE_ID_ML_PLATFORM, ...more]: string[] = []): Partial<CreateKeyRequest> {
  return more.length === 0 ? { service_id: first } : { service_ids: [first, ...more] };
}
