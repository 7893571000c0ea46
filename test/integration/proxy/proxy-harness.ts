import { keyFacts } from '../../support/lib/key-facts.js';
import 'reflect-metadata';
import { Module, type CanActivate, type DynamicModule, type ExecutionContext } from '@nestjs/common';
import { APP_GUARD, Reflector } from '@nestjs/core';
import type { IncomingMessage } from 'node:http';
import { setPrincipal, type CredentialSource } from '../../../src/gateway/principal/principal.js';
import {
  gatewayConfigModule,
  loadGatewayConfigs,
} from '../../../src/gateway/config/gateway-config.module.js';
import { MlflowProxyModule } from '../../../src/gateway/mlflow-proxy/mlflow-proxy.module.js';
import { redactedTarget } from '../../../src/lib/http/redacted-target.js';
import { routeLabel } from '../../../src/gateway/route-label.js';
import { VIA_PSEUDONYM } from '../../../src/contracts/http/headers.js';
import { SystemClock } from '../../../src/platform/clock.js';
import { startHttpServer } from '../../../src/platform/http/http-server.js';
import { JsonLogger } from '../../../src/platform/logging/logger.js';
import { PlatformModule } from '../../../src/platform/platform.module.js';
import { RouteAccesses } from '../../../src/platform/route-access/route-access.js';
import { LogCapture } from '../../support/lib/log-capture.js';
import { metricOf } from '../../support/lib/metrics.js';
import { startRecordingUpstream, type RecordingUpstream } from '../../support/servers/recording-upstream.js';

/** The proxy alone: platform, configuration and MlflowProxyModule, behind a guard that knows everyone. */
export interface ProxyUnderTest {
  readonly url: string;
  readonly port: number;
  readonly logs: LogCapture;
  /** Asked before each request goes on; the seat of the real guards. */
  onGuard: () => void | Promise<void>;
  source: CredentialSource;
  userId: string | null;
  /** The current value of a metric, with its labels as they stand in the text format. */
  metric(series: string): Promise<number>;
  close(): Promise<void>;
}

@Module({})
class ProxyRoot {}

/** Starts the proxy in front of any upstream address. */
export async function startProxy(
  mlflowUrl: string,
  env: Record<string, string> = {},
): Promise<ProxyUnderTest> {
  const logs = new LogCapture();
  const logger = new JsonLogger('info', logs);
  const configs = loadGatewayConfigs({ HOST: '127.0.0.1', PORT: '0', MLFLOW_SERVER_URL: mlflowUrl, ...env });
  const proxy = {
    logs,
    onGuard: (): void => undefined,
    source: 'bearer',
    userId: 'user 1',
  } as ProxyUnderTest;
  const routes = new RouteAccesses(new Reflector());
  const guard: CanActivate = {
    async canActivate(context: ExecutionContext): Promise<boolean> {
      if (routes.of(context) !== 'credential') return true;
      await proxy.onGuard();
      setPrincipal(context.switchToHttp().getRequest<IncomingMessage>(), principalFor(proxy));
      return true;
    },
  };
  const root: DynamicModule = {
    module: ProxyRoot,
    imports: [
      PlatformModule.with({
        clock: new SystemClock(),
        logger,
        redactTarget: redactedTarget,
        server: configs.server,
        redis: configs.redis,
      }),
      gatewayConfigModule(configs),
      MlflowProxyModule,
    ],
    providers: [{ provide: APP_GUARD, useValue: guard }],
  };
  const server = await startHttpServer(root, logger, {
    routeLabel: ({ path }) => routeLabel(path),
    viaPseudonym: VIA_PSEUDONYM,
  });
  return Object.assign(proxy, {
    url: server.url,
    port: Number(new URL(server.url).port),
    metric: (series: string) => metricOf(server, series),
    close: () => server.close({ timeoutMs: 500 }),
  });
}

/** The proxy with a recording upstream behind it. */
export async function startRecordedProxy(
  env: Record<string, string> = {},
  basePath = '',
): Promise<{ upstream: RecordingUpstream; proxy: ProxyUnderTest; close(): Promise<void> }> {
  const upstream = await startRecordingUpstream();
  const proxy = await startProxy(upstream.url + basePath, env);
  return {
    upstream,
    proxy,
    close: async () => {
      await proxy.close();
      await upstream.close();
    },
  };
}

function principalFor(proxy: ProxyUnderTest) {
  return {
    facts: keyFacts({ keyId: 'key-1', userId: proxy.userId }),
    subject: 'key:digest',
    source: proxy.source,
  };
}
