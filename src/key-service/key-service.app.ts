import type { DestinationStream } from 'pino';
import { buildInfo } from '../platform/build-info.js';
import { SystemClock, type Clock } from '../platform/clock.js';
import type { Environment } from '../platform/config/env.js';
import { startHttpServer, type CreateApp } from '../platform/http/http-server.js';
import { JsonLogger } from '../platform/logging/logger.js';
import { startTracing } from '../platform/tracing/start-tracing.js';
import type { Program } from '../platform/run-program.js';
import { loadKeyServiceConfigs } from './config/key-service-config.module.js';
import { KeyServiceModule } from './key-service.module.js';

/**
 * Bodies are small, so a client that takes longer only blocks a connection. It is longer than the time allowed for
 * headers.
 */
const REQUEST_TIMEOUT_MS = 70_000;

export interface KeyServiceOptions {
  clock?: Clock;
  /** Where log lines go; standard output unless given. */
  logDestination?: DestinationStream;
  /** Makes the Nest application, so that a test can replace providers. */
  createApp?: CreateApp;
  /** Longest time that a request may take to arrive; 70 seconds unless given. */
  requestTimeoutMs?: number;
}

/**
 * Starts the key service: migrates its database, then listens.
 *
 * @throws ConfigError with all problems of the environment; ListenError where the port cannot be had; the
 *   database's own error where it does not answer for `DATABASE_START_TIMEOUT_SECONDS`
 */
export async function startKeyService(env: Environment, options: KeyServiceOptions = {}): Promise<Program> {
  const configs = loadKeyServiceConfigs(env);
  const logger = new JsonLogger(configs.server.logLevel, options.logDestination);
  const tracing = await startTracing(configs.tracing, {
    name: 'mlflow-key-service',
    server: configs.server,
    logger,
  });
  const root = KeyServiceModule.with({ clock: options.clock ?? new SystemClock(), logger, tracing }, configs);
  const server = await startHttpServer(root, logger, {
    parseQuery: true,
    requestTimeoutMs: options.requestTimeoutMs ?? REQUEST_TIMEOUT_MS,
    ...(options.createApp && { createApp: options.createApp }),
  });
  logger.info('key_service_started', { url: server.url, ...buildInfo(configs.server) });
  return { server, config: configs.server };
}
