import { Global, Module, type DynamicModule } from '@nestjs/common';
import { collectDefaultMetrics, Counter, Registry } from 'prom-client';
import { buildInfo, registerBuildInfo } from './build-info.js';
import { Clock } from './clock.js';
import { RedisConfig } from './config/redis.config.js';
import { ServerConfig } from './config/server.config.js';
import { HealthIndicators } from './observability/health-indicators.js';
import { Logger } from './logging/logger.js';
import { MetricsController } from './observability/metrics.controller.js';
import { ProblemFilter } from './request/problem.filter.js';
import type { RedisLink } from './redis/redis-link.js';
import { RequestLog, type RedactTarget } from './observability/request-log.js';
import { ServerState } from './http/server-state.js';
import { NO_TRACING, Tracing } from './tracing/tracing.js';

/**
 * Each sample wakes an idle process. With prom-client's default of 10 ms that costs as many wake-ups as 100 requests
 * per second.
 */
const LAG_SAMPLED_EVERY_MS = 100;

/** What the caller of a program provides: everything else is built from it. */
export interface PlatformParts {
  server: ServerConfig;
  redis: RedisConfig;
  clock: Clock;
  logger: Logger;
  /** None unless given. */
  tracing?: Tracing | undefined;
  /** The form of a request's path and query for the log. */
  redactTarget: RedactTarget;
}

/** Token for the Redis connection; the value is null where `REDIS_URL` is not set. */
export const REDIS_LINK = Symbol('RedisLink | null');

/** Plumbing of both servers, available to every module of a program. */
@Global()
@Module({})
export class PlatformModule {
  static with(parts: PlatformParts): DynamicModule {
    return {
      module: PlatformModule,
      controllers: [MetricsController],
      providers: [
        { provide: ServerConfig, useValue: parts.server },
        { provide: Clock, useValue: parts.clock },
        { provide: Logger, useValue: parts.logger },
        { provide: Tracing, useValue: parts.tracing ?? NO_TRACING },
        {
          provide: Registry,
          inject: [Logger],
          useFactory: (logger: Logger) => newRegistry(logger, parts.server),
        },
        {
          provide: REDIS_LINK,
          inject: [Registry, Logger, Clock, HealthIndicators],
          useFactory: async (
            registry: Registry,
            logger: Logger,
            clock: Clock,
            indicators: HealthIndicators,
          ) => {
            const { url } = parts.redis;
            if (url === undefined) return null;
            // Loaded only if Redis is configured: the client takes a tenth of the processor time of a start.
            const { RedisLink } = await import('./redis/redis-link.js');
            const link = new RedisLink(url, parts.redis, registry, logger, clock);
            watch(link, indicators);
            link.connect();
            return link;
          },
        },
        {
          provide: RequestLog,
          inject: [Registry, Logger, Clock],
          useFactory: (registry: Registry, logger: Logger, clock: Clock) =>
            new RequestLog(registry, logger, clock, parts.redactTarget),
        },
        {
          provide: ProblemFilter,
          inject: [Logger],
          useFactory: (logger: Logger) => new ProblemFilter(logger),
        },
        HealthIndicators,
        ServerState,
      ],
      exports: [
        Clock,
        Logger,
        Registry,
        REDIS_LINK,
        RequestLog,
        ProblemFilter,
        HealthIndicators,
        ServerState,
        ServerConfig,
        Tracing,
      ],
    };
  }
}

function watch(link: RedisLink, indicators: HealthIndicators): void {
  indicators.register('redis', () => ({
    status: !link.usable ? 'down' : link.listening ? 'up' : 'degraded',
    connection: link.state,
    eviction_policy: link.evictionPolicy ?? null,
    subscription: link.listening,
  }));
}

function newRegistry(logger: Logger, server: ServerConfig): Registry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: LAG_SAMPLED_EVERY_MS });
  registerBuildInfo(registry, buildInfo(server));
  new Counter({
    name: 'log_lines_dropped_total',
    help: 'Log lines given up because nobody read the log',
    registers: [registry],
    collect() {
      this.reset();
      this.inc(logger.droppedLines);
    },
  });
  return registry;
}
