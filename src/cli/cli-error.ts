import { EXIT, type ExitCode } from './exit-codes.js';

export interface CliErrorOptions {
  exitCode?: ExitCode;
  /** The next step, as a sentence. */
  next?: string | undefined;
  requestId?: string | undefined;
  cause?: unknown;
}

/** An error for the person at the terminal: what happened, what to do, and the exit code. */
export class CliError extends Error {
  override readonly name = 'CliError';
  readonly exitCode: ExitCode;
  readonly next: string | undefined;
  readonly requestId: string | undefined;

  constructor(message: string, options: CliErrorOptions = {}) {
    super(message, { cause: options.cause });
    this.exitCode = options.exitCode ?? EXIT.failure;
    this.next = options.next;
    this.requestId = options.requestId;
  }
}

/** A wrong option or setting: exit code 2. */
export function usageError(message: string, next?: string): CliError {
  return new CliError(message, { exitCode: EXIT.usage, ...(next !== undefined && { next }) });
}
