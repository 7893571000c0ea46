import { Inject, Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import type { IncomingMessage } from 'node:http';
import { ProblemError } from '../../lib/http/problem-error.js';
import { bearerToken, isOneOf } from '../../lib/keys/secrets.js';
import { ServerConfig } from '../config/server.config.js';
import { contextOf } from '../request/request-context.js';

/** Compares the bearer token with those of `METRICS_TOKEN`, where it is set. */
@Injectable()
export class MetricsTokenGuard implements CanActivate {
  constructor(@Inject(ServerConfig) private readonly config: ServerConfig) {}

  /** @throws ProblemError `metrics-token-required` */
  canActivate(context: ExecutionContext): true {
    const request = context.switchToHttp().getRequest<IncomingMessage>();
    // Named here and not by the handler, which a refused request does not reach.
    contextOf(request).route = 'metrics';
    const { metricsTokens } = this.config;
    if (
      metricsTokens === undefined ||
      isOneOf(bearerToken(request.headers.authorization) ?? '', metricsTokens)
    )
      return true;
    throw new ProblemError('metrics-token-required', {
      headers: { 'www-authenticate': 'Bearer realm="metrics"' },
    });
  }
}
