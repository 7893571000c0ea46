import type { Command } from 'commander';
import { DEFAULT_OVERLAP_SECONDS, MAX_OVERLAP_SECONDS } from '../../sdk/index.js';
import { CliError, usageError } from '../cli-error.js';
import type { CommandRunner, Handler } from '../command-context.js';
import { describeError } from '../describe-error.js';
import { EXIT } from '../exit-codes.js';
import { DAY_SECONDS, HOUR_SECONDS, MINUTE_SECONDS } from '../io/durations.js';
import { durationSeconds, keyId } from '../io/option-values.js';
import { confirm } from '../config/secret-input.js';

interface RotateOptions {
  overlap?: number;
  yes?: boolean;
}

export function addRevokeKey(auth: Command, runner: CommandRunner): void {
  auth
    .command('revoke-key')
    .summary('end a key at once and for good')
    .description('Revokes a key: it is refused everywhere within a second, and cannot be brought back.')
    .argument('<key-id>', 'id of the key, as list-keys shows it', keyId)
    .option('--yes', 'do not ask')
    .addHelpText('after', '\nExample:\n  hokusai auth revoke-key 0d7e5f1c-2f3b-4f6e-9a55-0c8d1f0f5b11 --yes')
    .action(runner.action(revokeKey));
}

export function addRotateKey(auth: Command, runner: CommandRunner): void {
  auth
    .command('rotate-key')
    .summary('replace a key, both valid for a while')
    .description(
      'Issues a successor with the same rights, and ends the old key after an overlap. The new key is written to ' +
        'standard output, once.',
    )
    .argument('<key-id>', 'id of the old key, as list-keys shows it', keyId)
    .option(
      '--overlap <duration>',
      `how long the old key stays valid: seconds, or 90m, 24h, 7d; 0 ends it at once (default: ${DEFAULT_OVERLAP_SECONDS / 3600}h)`,
      durationSeconds,
    )
    .option('--yes', 'do not ask')
    .addHelpText(
      'after',
      '\nExamples:\n  hokusai auth rotate-key 0d7e5f1c-2f3b-4f6e-9a55-0c8d1f0f5b11 --overlap 7d\n' +
        '  hokusai auth rotate-key 0d7e5f1c-2f3b-4f6e-9a55-0c8d1f0f5b11 --overlap 3600 --yes --json',
    )
    .action(runner.action(rotateKey));
}

const revokeKey: Handler<{ yes?: boolean }> = async (context, { yes = false }, id = '') => {
  const { io, output } = context;
  const client = context.adminClient();
  if (!yes && io.stdin.isTTY) {
    const { name, key_prefix: prefix } = await client.getKey(id);
    await confirm(io, `Revoke "${name}" (${prefix}…)? Everything that uses it stops working.`, yes);
  } else await confirm(io, '', yes);
  const key = await client.revokeKey(id).catch(mayStillBeValid);
  if (output.json) return output.data(key);
  output.note(`Revoked "${key.name}" (${key.key_id}).`);
};

/** The person who revokes a key must be told that it may not have worked. */
function mayStillBeValid(error: unknown): never {
  const told = describeError(error);
  if (told.exitCode !== EXIT.unavailable) throw told;
  throw new CliError(`${told.message}; the key may still be valid`, {
    exitCode: told.exitCode,
    next: told.next,
    requestId: told.requestId,
    cause: error,
  });
}

const rotateKey: Handler<RotateOptions> = async (context, { overlap, yes = false }, id = '') => {
  const { io, output } = context;
  const client = context.adminClient();
  if (overlap !== undefined && overlap > MAX_OVERLAP_SECONDS)
    throw usageError(`--overlap is at most ${MAX_OVERLAP_SECONDS / DAY_SECONDS} days`);
  const seconds = overlap ?? DEFAULT_OVERLAP_SECONDS;
  const end = seconds === 0 ? 'at once' : `in ${wordsOf(seconds)}`;
  await confirm(io, `Rotate ${id}? The old key ends ${end}.`, yes);
  const rotated = await client.rotateKey(id, { overlap_seconds: seconds });
  if (output.json) return output.data(rotated);
  output.note('Rotated. The new key is shown this once: store it now.');
  output.details([
    ['New key id', rotated.key_id],
    ['Old key id', rotated.old_key_id],
    ['Old key ends', rotated.old_key_expires_at],
  ]);
  output.key(rotated.api_key);
};

/** A duration in its largest whole unit. */
export function wordsOf(seconds: number): string {
  const units = [
    ['day', DAY_SECONDS],
    ['hour', HOUR_SECONDS],
    ['minute', MINUTE_SECONDS],
    ['second', 1],
  ] as const;
  const [unit, size] = units.find(([, length]) => seconds % length === 0 && seconds >= length) ?? units[3];
  const count = seconds / size;
  return `${count} ${unit}${count === 1 ? '' : 's'}`;
}
