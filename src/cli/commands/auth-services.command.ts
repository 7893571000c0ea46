import { InvalidArgumentError, type Command } from 'commander';
import type { ServiceResource } from '../../sdk/index.js';
import type { CommandRunner, Handler } from '../command-context.js';
import { confirm } from '../config/secret-input.js';
import { minuteOf } from '../io/key-text.js';
import type { Column } from '../io/output.js';

const COLUMNS: readonly Column<ServiceResource>[] = [
  { heading: 'SERVICE', text: ({ service_id }) => service_id },
  { heading: 'KEYS', text: ({ keys }) => String(keys) },
  { heading: 'ACTIVE', text: ({ active_keys }) => String(active_keys) },
  { heading: 'REGISTERED', text: ({ created_at }) => minuteOf(created_at) },
  { heading: 'BY', text: ({ created_by }) => created_by },
  { heading: 'DESCRIPTION', text: ({ description }) => description ?? '-' },
];

export function addServices(auth: Command, runner: CommandRunner): void {
  auth
    .command('services')
    .summary('list the services that keys may be for')
    .description('Lists every registered service: the values that --service-id takes.')
    .action(runner.action(listServices));
  auth
    .command('register-service')
    .summary('register a service, so that keys can be made for it')
    .description('Registers a service. Keys can be made only for registered services.')
    .argument('<service-id>', 'letters, digits, dots, dashes or underscores', serviceId)
    .option('--description <text>', 'what the service is, for people')
    .addHelpText('after', '\nExample:\n  hokusai auth register-service batch --description "Nightly jobs"')
    .action(runner.action(registerService));
  auth
    .command('remove-service')
    .summary('remove a service that no active key is for')
    .description('Removes a service: no more keys can be made for it.')
    .argument('<service-id>', 'as "hokusai auth services" shows it', serviceId)
    .option('--yes', 'do not ask')
    .action(runner.action(removeService));
}

const listServices: Handler<object> = async (context) => {
  const answer = await context.adminClient().services();
  const { output } = context;
  if (output.json) return output.data(answer);
  output.table(COLUMNS, answer.services);
};

const registerService: Handler<{ description?: string }> = async (context, { description }, id = '') => {
  const service = await context
    .adminClient()
    .registerService({ service_id: id, ...(description !== undefined && { description }) });
  const { output } = context;
  if (output.json) return output.data(service);
  output.note(`Registered ${service.service_id}.`);
};

const removeService: Handler<{ yes?: boolean }> = async (context, { yes = false }, id = '') => {
  await confirm(context.io, `Remove the service ${id}?`, yes);
  await context.adminClient().removeService(id);
  const { output } = context;
  if (output.json) return output.data({ service_id: id, removed: true });
  output.note(`Removed ${id}.`);
};

function serviceId(text: string): string {
  if (/^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/.test(text)) return text;
  throw new InvalidArgumentError('It must be 1 to 100 letters, digits, dots, dashes or underscores.');
}
