import { writeSync } from 'node:fs';
import { ConfigError } from './config/env.js';
import type { ServerConfig } from './config/server.config.js';
import type { RunningServer } from './http/http-server.js';
import { ListenError } from './http/listening.js';
import { errorFields, Logger } from './logging/logger.js';
import { openWithoutWaiting } from './logging/open-without-waiting.js';
import { useServerHeap } from './server-heap.js';
import { StartError } from './start-error.js';

/** SIGINT comes from a person at a terminal, so there is no drain delay and little time for requests. */
const INTERRUPT_TIMEOUT_MS = 2500;
/** Time that the parts of the program have to stop after all requests have ended or were cut. */
const LAST_WORDS_MS = 2000;
/**
 * Least time that the reader of the log has after that; 100 ms of the promised three seconds are for the exit itself.
 */
const LAST_LINES_MS = 900;
const STDERR = 2;

export interface Program {
  server: RunningServer;
  config: ServerConfig;
}

/**
 * Runs a server program until a signal ends it. A rejected promise that nobody awaited is logged and does not end the
 * program: only the request or call that it belongs to is lost. An exception that nobody caught does end the program,
 * because it may have left anything half done.
 *
 * A signal ends it within the drain delay, the time-out and three seconds, whatever its parts wait for, and whether or not
 * anybody reads its log.
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
    const overdueMs = drainDelayMs + timeoutMs + LAST_WORDS_MS;
    const endsAt = performance.now() + overdueMs + LAST_LINES_MS;
    const end = (code: number): void => {
      logger.flush(endsAt - performance.now());
      tellOfDroppedLines(logger.droppedLines);
      process.exit(code);
    };
    const failed = (error: unknown): void => {
      logger.error('shutdown_failed', errorFields(error));
      end(1);
    };
    const overdue = new Error('a part of the program did not stop in time');
    setTimeout(() => failed(overdue), overdueMs).unref();
    void server.close({ drainDelayMs, timeoutMs }).then(() => end(0), failed);
  };
  process.on('SIGTERM', () => stop(config.drainDelaySeconds * 1000, config.shutdownTimeoutSeconds * 1000));
  process.on('SIGINT', () => stop(0, INTERRUPT_TIMEOUT_MS));
}

/** On standard error, once, because nobody reads the log. */
function tellOfDroppedLines(lines: number): void {
  if (lines === 0) return;
  const text = `${lines} lines of the log were dropped since the start: standard output was not read, or could not be written\n`;
  try {
    writeSync(openWithoutWaiting(STDERR).fd, text);
  } catch {
    // Nobody reads standard error either.
  }
}
