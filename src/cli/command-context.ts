import type { Command } from 'commander';
import { AuthClient, GatewayClient } from '../sdk/index.js';
import { usageError } from './cli-error.js';
import type { CliIo } from './io/cli-io.js';
import { EXIT, type ExitCode } from './exit-codes.js';
import { Output } from './io/output.js';
import { readSecret } from './config/secret-input.js';
import { requireAdminToken, requireApiKey, resolveSettings, type Settings } from './config/settings.js';

/** Options that every command takes, before or after its own. */
export interface GlobalOptions {
  profile?: string;
  json?: boolean;
  authServiceUrl?: string;
  trackingUri?: string;
  apiKeyStdin?: boolean;
  adminTokenStdin?: boolean;
}

/** A person is waiting, so there are fewer and shorter attempts than in a service. */
const RETRY = { maxRetries: 2, baseDelayMs: 300, maxDelayMs: 1500, maxRetryAfterMs: 3000 };
const TIMEOUT_MS = 15_000;

/** The streams, settings and clients of a command. */
export class CommandContext {
  constructor(
    readonly io: CliIo,
    readonly output: Output,
    readonly settings: Settings,
  ) {}

  /** The auth service with these settings alone. */
  authClient(): AuthClient {
    const { apiKey, adminToken, authServiceUrl } = this.settings;
    return new AuthClient({
      apiKey: apiKey?.value,
      adminToken: adminToken?.value,
      authServiceUrl: authServiceUrl.value,
      timeoutMs: TIMEOUT_MS,
      retry: RETRY,
      env: {},
    });
  }

  /**
   * The gateway, for the key's own questions.
   *
   * @throws CliError (usage) without a key
   */
  gatewayClient(): GatewayClient {
    const apiKey = requireApiKey(this.settings);
    const trackingUri = this.settings.trackingUri.value;
    return new GatewayClient({ apiKey, trackingUri, timeoutMs: TIMEOUT_MS, retry: RETRY, env: {} });
  }

  /**
   * The auth service for key management.
   *
   * @throws CliError (usage) without an admin token
   */
  adminClient(): AuthClient {
    requireAdminToken(this.settings);
    return this.authClient();
  }
}

export type Handler<Options> = (
  context: CommandContext,
  options: Options & GlobalOptions,
  ...args: string[]
) => Promise<ExitCode | void>;

/** Turns handlers into commander's actions, and keeps the exit code of the one that ran. */
export class CommandRunner {
  exitCode: ExitCode = EXIT.ok;

  constructor(private readonly io: CliIo) {}

  /** @param handler gets the settings settled and its options merged with the global ones */
  action<Options>(handler: Handler<Options>): (...args: unknown[]) => Promise<void> {
    return async (...args) => {
      const command = args.at(-1) as Command;
      const options = command.optsWithGlobals<Options & GlobalOptions>();
      const context = await this.contextOf(options);
      this.exitCode = (await handler(context, options, ...command.args)) ?? EXIT.ok;
    };
  }

  /** The same for a command that needs no settings, because it writes them or works without. */
  plainAction(
    handler: (io: CliIo, options: GlobalOptions, ...args: string[]) => Promise<void>,
  ): (...args: unknown[]) => Promise<void> {
    return async (...args) => {
      const command = args.at(-1) as Command;
      await handler(this.io, command.optsWithGlobals<GlobalOptions>(), ...command.args);
    };
  }

  private async contextOf(options: GlobalOptions): Promise<CommandContext> {
    const output = new Output(this.io, options.json === true);
    const { apiKeyStdin, adminTokenStdin } = options;
    if (apiKeyStdin && adminTokenStdin)
      throw usageError('Standard input can hold one secret', 'Set the other one in the environment.');
    const secret = async (asked: boolean | undefined, what: string) =>
      asked ? { value: await readSecret(this.io, what), source: 'standard input' } : undefined;
    const settings = await resolveSettings(this.io, {
      profile: options.profile,
      authServiceUrl: options.authServiceUrl,
      trackingUri: options.trackingUri,
      apiKey: await secret(apiKeyStdin, 'API key'),
      adminToken: await secret(adminTokenStdin, 'admin token'),
    });
    for (const warning of settings.warnings) output.warning(warning);
    return new CommandContext(this.io, output, settings);
  }
}
