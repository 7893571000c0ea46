import { InvalidArgumentError, Option, type Command } from 'commander';
import {
  ENVIRONMENTS,
  ROTATION_DELIVERIES,
  type RotationDelivery,
  type RotationDeliveryResource,
  type RotationPolicyResource,
  type UpdateRotationPolicyRequest,
} from '../../sdk/index.js';
import { usageError } from '../cli-error.js';
import type { CommandRunner, Handler } from '../command-context.js';
import { confirm } from '../config/secret-input.js';
import { DAY_SECONDS } from '../io/durations.js';
import { minuteOf } from '../io/key-text.js';
import { durationSeconds, keyId } from '../io/option-values.js';
import type { Column } from '../io/output.js';

interface TermOptions {
  maxAge?: number;
  overlap?: number;
  delivery?: RotationDelivery | 'none';
  secretId?: string;
  description?: string;
}

interface CreateOptions extends TermOptions {
  keyId?: string;
  serviceId?: string;
  environment?: (typeof ENVIRONMENTS)[number];
  maxAge: number;
}

const POLICIES: readonly Column<RotationPolicyResource>[] = [
  { heading: 'POLICY ID', text: ({ policy_id }) => policy_id },
  { heading: 'FOR', text: (policy) => subjectText(policy) },
  { heading: 'LONGEST AGE', text: ({ max_age_days }) => `${max_age_days}d` },
  { heading: 'OVERLAP', text: ({ overlap_seconds }) => durationText(overlap_seconds) },
  { heading: 'DELIVERY', text: (policy) => deliveryText(policy) },
  { heading: 'KEYS', text: ({ active_keys }) => String(active_keys) },
  { heading: 'DUE', text: ({ due_keys }) => String(due_keys) },
  { heading: 'DESCRIPTION', text: ({ description }) => description ?? '-' },
];

const DELIVERIES: readonly Column<RotationDeliveryResource>[] = [
  { heading: 'KEY ID', text: ({ key_id }) => key_id },
  { heading: 'NEW KEY ID', text: ({ new_key_id }) => new_key_id },
  { heading: 'POLICY ID', text: ({ policy_id }) => policy_id },
  { heading: 'MADE', text: ({ created_at }) => minuteOf(created_at) },
  { heading: 'ATTEMPTS', text: ({ attempts }) => String(attempts) },
  { heading: 'NEXT', text: ({ next_attempt_at }) => minuteOf(next_attempt_at) },
  { heading: 'LAST ERROR', text: ({ last_error }) => last_error ?? '-' },
];

const EXAMPLES = `
Examples:
  hokusai auth create-rotation-policy --environment production --max-age 90d
  hokusai auth create-rotation-policy --service-id batch --max-age 90d --overlap 2d --delivery webhook`;

export function addRotationPolicies(auth: Command, runner: CommandRunner): void {
  auth
    .command('rotation-policies')
    .summary('list the policies by which keys are replaced')
    .description('Lists the policies by which the key service replaces keys, or warns that they are old.')
    .action(runner.action(listPolicies));
  addTerms(
    auth
      .command('create-rotation-policy')
      .summary('have keys replaced before they are too old')
      .description(
        'Makes a policy for one key, or for the keys of a service, an environment or both; if several match a key, the most specific one applies. ' +
          'Without a delivery it only warns.',
      )
      .option('--key-id <id>', 'the key that it is for', keyId)
      .option('--service-id <id>', 'the service whose keys it is for')
      .addOption(new Option('--environment <name>', 'the environment of its keys').choices(ENVIRONMENTS))
      .requiredOption('--max-age <days>', 'longest age of a key, such as 90d', days),
    [...ROTATION_DELIVERIES],
  )
    .addHelpText('after', EXAMPLES)
    .action(runner.action(createPolicy));
  addTerms(
    auth
      .command('update-rotation-policy')
      .summary('change a policy by which keys are replaced')
      .description('Changes only the given fields. Undelivered new keys are tried again at once.')
      .argument('<policy-id>', 'as "hokusai auth rotation-policies" shows it')
      .option('--max-age <days>', 'longest age of a key, such as 90d', days),
    [...ROTATION_DELIVERIES, 'none'],
  ).action(runner.action(updatePolicy));
  auth
    .command('remove-rotation-policy')
    .summary('remove a policy by which keys are replaced')
    .description('Removes a policy. New keys that it has not delivered are revoked; the old ones stay valid.')
    .argument('<policy-id>', 'as "hokusai auth rotation-policies" shows it')
    .option('--yes', 'do not ask')
    .action(runner.action(removePolicy));
  auth
    .command('rotation-deliveries')
    .summary('list new keys that are not handed over yet, and why')
    .description(
      'Lists the new keys of rotation policies that are not delivered yet. The old keys are still valid.',
    )
    .action(runner.action(listDeliveries));
}

/** What creation and edit have in common. */
function addTerms(command: Command, deliveries: readonly string[]): Command {
  return command
    .option(
      '--overlap <duration>',
      'how long the old key stays valid after that, such as 24h or 7d',
      durationSeconds,
    )
    .addOption(new Option('--delivery <where>', 'where new keys are handed to').choices(deliveries))
    .option('--secret-id <name>', 'name or ARN of the secret, with aws-secrets-manager')
    .option('--description <text>', 'what the policy is for, for people');
}

const listPolicies: Handler<object> = async (context) => {
  const answer = await context.adminClient().rotationPolicies();
  const { output } = context;
  if (output.json) return output.data(answer);
  output.table(POLICIES, answer.policies);
};

const createPolicy: Handler<CreateOptions> = async (context, options) => {
  const { keyId: key_id, serviceId: service_id, environment } = options;
  const policy = await context.adminClient().createRotationPolicy({
    ...(key_id !== undefined && { key_id }),
    ...(service_id !== undefined && { service_id }),
    ...(environment !== undefined && { environment }),
    ...termsOf(options),
    max_age_days: options.maxAge,
  });
  const { output } = context;
  if (output.json) return output.data(policy);
  const keys = `${policy.active_keys} keys, of which ${policy.due_keys} are due`;
  output.note(`Made the policy ${policy.policy_id} for ${keys}.`);
  if (policy.warns_only) output.note('It only warns.');
};

const updatePolicy: Handler<TermOptions> = async (context, options, id = '') => {
  const changes = termsOf(options);
  if (Object.keys(changes).length === 0)
    throw usageError('nothing to change: name at least one option, such as --max-age');
  const policy = await context.adminClient().updateRotationPolicy(id, changes);
  const { output } = context;
  if (output.json) return output.data(policy);
  output.note(`Changed the policy ${policy.policy_id}.`);
};

const removePolicy: Handler<{ yes?: boolean }> = async (context, { yes = false }, id = '') => {
  await confirm(context.io, `Remove the rotation policy ${id}?`, yes);
  await context.adminClient().removeRotationPolicy(id);
  const { output } = context;
  if (output.json) return output.data({ policy_id: id, removed: true });
  output.note(`Removed ${id}.`);
};

const listDeliveries: Handler<object> = async (context) => {
  const answer = await context.adminClient().rotationDeliveries();
  const { output } = context;
  if (output.json) return output.data(answer);
  output.table(DELIVERIES, answer.deliveries);
};

function termsOf({
  maxAge,
  overlap,
  delivery,
  secretId,
  description,
}: TermOptions): UpdateRotationPolicyRequest {
  return {
    ...(maxAge !== undefined && { max_age_days: maxAge }),
    ...(overlap !== undefined && { overlap_seconds: overlap }),
    ...(delivery !== undefined && { delivery: delivery === 'none' ? null : delivery }),
    ...(secretId !== undefined && { secret_id: secretId }),
    ...(description !== undefined && { description }),
  };
}

function days(text: string): number {
  const value = Number(/^([1-9]\d{0,3})d$/.exec(text)?.[1]);
  if (Number.isInteger(value)) return value;
  throw new InvalidArgumentError('It must be a number of days, such as 90d.');
}

function subjectText({ key_id, service_id, environment }: RotationPolicyResource): string {
  if (key_id !== null) return `key ${key_id}`;
  const parts = [service_id !== null && `service ${service_id}`, environment];
  return parts.filter(Boolean).join(', ');
}

function deliveryText({ delivery, secret_id, warns_only }: RotationPolicyResource): string {
  if (delivery === null) return 'only warns';
  const where = secret_id === null ? delivery : `${delivery} ${secret_id}`;
  return warns_only ? `${where} (not set up: only warns)` : where;
}

function durationText(seconds: number): string {
  if (seconds % DAY_SECONDS === 0) return `${seconds / DAY_SECONDS}d`;
  return seconds % 3600 === 0 ? `${seconds / 3600}h` : `${seconds}s`;
}
