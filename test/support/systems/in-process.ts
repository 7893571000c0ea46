import 'reflect-metadata';
import type { INestApplication } from '@nestjs/common';
import type { DestinationStream } from 'pino';
import type { Environment } from '../../../src/platform/config/env.js';
import type { Program } from '../../../src/platform/run-program.js';
import { LogCapture } from '../lib/log-capture.js';

/** A server that runs in the process of the test. */
export interface InProcess {
  /** `http://127.0.0.1:port` */
  readonly url: string;
  readonly app: INestApplication;
  readonly logs: LogCapture;
  /** @param timeoutMs how long what is under way may take; default 1,000 */
  close(timeoutMs?: number): Promise<void>;
}

/** Starts a server on a free loopback port. Nothing is taken from the environment of the test run. */
export async function startInProcess<Options>(
  start: (env: Environment, options: Options & { logDestination: DestinationStream }) => Promise<Program>,
  env: Record<string, string>,
  options: Options,
): Promise<InProcess> {
  const logs = new LogCapture();
  const { server } = await start(
    { HOST: '127.0.0.1', PORT: '0', ...env },
    { ...options, logDestination: logs },
  );
  const close = (timeoutMs = 1000): Promise<void> => server.close({ timeoutMs });
  return { url: server.url, app: server.app, logs, close };
}
