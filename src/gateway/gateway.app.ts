import type { DestinationStream } from 'pino';
import { ROUTE_INVALIDATE } from '../contracts/http/routes.js';
import { VIA_PSEUDONYM } from '../contracts/http/headers.js';
import { buildInfo } from '../platform/build-info.js';
import { SystemClock, type Clock } from '../platform/clock.js';
import type { Environment } from '../platform/config/env.js';
import { startHttpServer, type CreateApp } from '../platform/http/http-server.js';
import { JsonLogger } from '../platform/logging/logger.js';
import { startTracing } from '../platform/tracing/start-tracing.js';
import type { Program } from '../platform/run-program.js';
import { loadGatewayConfigs } from './config/gateway-config.module.js';
import { GatewayModule } from './gateway.module.js';
import { RememberedPaths } from './mlflow-routes/remembered-paths.js';
import { routeLabel } from './route-label.js';

export interface GatewayOptions {
  clock?: Clock;
  /** Where log lines go; standard output unless given. */
  logDestination?: DestinationStream;
  /** Makes the Nest application, so that a test can replace providers. */
  createApp?: CreateApp;
}

/**
 * Starts the gateway alone.
 *
 * @throws ConfigError with all problems of the environment; ListenError where the port cannot be had
 */
export async function startGateway(env: Environment, options: GatewayOptions = {}): Promise<Program> {
  const configs = loadGatewayConfigs(env);
  const logger = new JsonLogger(configs.server.logLevel, options.logDestination);
  const tracing = await startTracing(configs.tracing, {
    name: 'mlflow-gateway',
    server: configs.server,
    logger,
  });
  const root = GatewayModule.with({ clock: options.clock ?? new SystemClock(), logger, tracing }, configs);
  const labels = new RememberedPaths((_method, { path }) => routeLabel(path));
  const server = await startHttpServer(root, logger, {
    viaPseudonym: VIA_PSEUDONYM,
    routeLabel: (target) => labels.of('', target),
    // The key service calls each replica directly. A proxy in front would make this route as public as the others.
    askedDirectly: ({ headers }, path) =>
      path === ROUTE_INVALIDATE && headers['x-forwarded-for'] === undefined,
    ...(options.createApp && { createApp: options.createApp }),
  });
  if (!env['HOKUSAI_AUTH_SERVICE_URL']?.trim())
    logger.warn('auth_service_default', {
      message: `HOKUSAI_AUTH_SERVICE_URL is not set: API keys are validated by ${configs.auth.serviceUrl}`,
    });
  logger.info('gateway_started', { url: server.url, ...buildInfo(configs.server) });
  return { server, config: configs.server };
}
