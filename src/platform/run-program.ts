import { ConfigError } from './config/env.js';
import type { ServerConfig } from './config/server.config.js';
import type { RunningServer } from './http/http-server.js';
import { ListenError } from './http/listening.js';
import { errorFields, Logger } from './logging/logger.js';
import { useServerHeap } from './server-heap.js';
import { StartError } from './start-error.js';

/** SIGINT comes from a person at a terminal: no drain delay, and little time for requests. */
const INTERRUPT_TIMEOUT_MS = 2500;
/** What the parts of the program have for their last words once all requests are done or cut. */
const LAST_WORDS_MS = 3000;

export interface Program {
  server: RunningServer;
  config: ServerConfig;
}

/**
 * Runs a server program until a signal ends it. A rejected promise that nobody awaited is logged and ends
 * nothing: the request or the call that it belongs to is lost, and all others are not. An exception that
 * nobody caught does end the program, because it may have left anything half done.
 *
 * A signal ends it within the drain delay, the time-out and three seconds, whatever its parts wait for.
 *
 * Exit codes: 0 after an orderly stop, 1 on an unexpected error, 2 on a wrong configuration, a taken port or a database that
 * cannot be used.
 */
export async function runProgram(start: () => Promise<Program>): Promise<void> {
  useServerHeap();
  let program: Program;
  try {
    program = await start();
  } catch (error) {
    const known = error instanceof ConfigError || error instanceof ListenError || error instanceof StartError;
    process.stderr.write(`${known ? error.message : String((error as Error).stack ?? error)}\n`);
    process.exit(known ? 2 : 1);
  }
  const { server, config } = program;
  const logger = server.app.get(Logger);
  process.on('unhandledRejection', (reason) => logger.error('unhandled_rejection', errorFields(reason)));
  let stopping = false;
  const stop = (drainDelayMs: number, timeoutMs: number): void => {
    if (stopping) process.exit(1);
    stopping = true;
    const failed = (error: unknown): void => {
      logger.error('shutdown_failed', errorFields(error));
      process.exit(1);
    };
    const overdue = new Error('a part of the program did not stop in time');
    setTimeout(() => failed(overdue), drainDelayMs + timeoutMs + LAST_WORDS_MS).unref();
    void server.close({ drainDelayMs, timeoutMs }).then(() => process.exit(0), failed);
  };
  process.on('SIGTERM', () => stop(config.drainDelaySeconds * 1000, config.shutdownTimeoutSeconds * 1000));
  process.on('SIGINT', () => stop(0, INTERRUPT_TIMEOUT_MS));
}
