import type { Command } from 'commander';
import { SERVICE_ID_ML_PLATFORM, type ValidKey } from '../../sdk/index.js';
import { CliError } from '../cli-error.js';
import type { CommandRunner, Handler } from '../command-context.js';
import { EXIT } from '../exit-codes.js';
import { detailLines } from '../io/output.js';
import { requireApiKey } from '../config/settings.js';

interface ValidateOptions {
  serviceId: string;
  clientIp?: string;
}

const EXAMPLES = `
Examples:
  hokusai auth validate
  hokusai auth validate --json
  pass show hokusai/key | hokusai auth validate --api-key-stdin`;

export function addValidate(auth: Command, runner: CommandRunner): void {
  auth
    .command('validate')
    .summary('ask the auth service whether the key is good')
    .description(
      'Asks the auth service about the configured key. Exit code 0: valid; 3: refused; 5: no verdict.',
    )
    .option('--service-id <id>', 'service that the key must be for', SERVICE_ID_ML_PLATFORM)
    .option('--client-ip <address>', 'client address to check against the addresses that the key allows')
    .addHelpText('after', EXAMPLES)
    .action(runner.action(validate));
}

const validate: Handler<ValidateOptions> = async (context, { serviceId, clientIp }) => {
  const { output, settings } = context;
  const apiKey = requireApiKey(settings);
  const verdict = await context.authClient().validate(apiKey, { serviceId, clientIp });
  if (output.json) {
    output.data(verdict);
    return verdict.valid ? EXIT.ok : EXIT.refused;
  }
  if (!verdict.valid)
    throw new CliError(`${verdict.detail} (the key is from ${settings.apiKey?.source})`, {
      exitCode: EXIT.refused,
      next: 'Check that it is the whole key and for this service, or create a new one with "hokusai auth create-key".',
    });
  output.line(`The key is valid for ${serviceId}.`);
  for (const line of detailLines(factsOf(verdict))) output.line(line);
  return EXIT.ok;
};

function factsOf(key: ValidKey): [name: string, value: string][] {
  return [
    ['Key id', key.key_id ?? '-'],
    ['User', key.user_id ?? '-'],
    ['Environment', key.environment ?? '-'],
    ['Scopes', key.scopes.join(', ') || 'none'],
    ['Expires', key.expires_at ?? 'never'],
    ['Allowed addresses', key.allowed_ips?.join(', ') ?? 'any'],
    ['Requests an hour', String(key.rate_limit_per_hour ?? "the gateway's default")],
    ['Burst', String(key.burst ?? "the gateway's default")],
    ['Searches a minute', String(key.searches_per_minute ?? "the gateway's default")],
    ['Writes a minute', String(key.writes_per_minute ?? "the gateway's default")],
  ];
}
