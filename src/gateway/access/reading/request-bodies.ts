import { Injectable } from '@nestjs/common';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { contextOf } from '../../../platform/request/request-context.js';
import { AccessConfig } from '../../config/access.config.js';
import { MlflowConfig } from '../../config/mlflow.config.js';
import { principalOf } from '../../principal/principal.js';
import { AccessMetrics } from '../access.metrics.js';
import { BodyCollector, type BodyBounds, type HeldBytes } from './body-collector.js';

/** Bodies of requests, read whole as far as the configuration allows. */
@Injectable()
export class RequestBodies {
  private readonly bodies: BodyCollector;
  private readonly bounds: BodyBounds;

  constructor(access: AccessConfig, mlflow: MlflowConfig, metrics: AccessMetrics) {
    this.bodies = new BodyCollector(access.maxBodiesBytes, mlflow.keySharePercent);
    metrics.watchBodies(() => this.bodies.bytes);
    this.bounds = {
      maxBytes: access.maxBodyBytes,
      idleTimeoutMs: mlflow.bodyIdleTimeoutSeconds * 1000,
      windowMs: mlflow.uploadRateWindowSeconds * 1000,
      minBytesPerWindow: mlflow.uploadMinBytesPerSecond * mlflow.uploadRateWindowSeconds,
    };
  }

  /**
   * @param response the body's bytes count as being in memory until this is over
   * @param maxBytes where it is not the configured bound
   * @throws ProblemError where it is too long, or does not come
   */
  collect(request: IncomingMessage, response: ServerResponse, maxBytes?: number): Promise<Buffer> {
    const context = contextOf(request);
    return this.bodies.collect(
      request,
      { ...this.bounds, maxBytes: maxBytes ?? this.bounds.maxBytes },
      {
        subject: subjectOf(request),
        over: (release) => response.once('close', release),
        received: (bytes) => (context.bytesIn += bytes),
      },
    );
  }

  /** Counts what is held of the answer, until that is over. */
  holdUntilOver(request: IncomingMessage, response: ServerResponse): HeldBytes {
    const room = this.bodies.hold(subjectOf(request));
    response.once('close', () => room.release());
    return room;
  }

  /**
   * Counts the memory of values that are made from the body, in addition to its bytes. The part that makes them
   * releases it.
   */
  hold(request: IncomingMessage): HeldBytes {
    return this.bodies.hold(subjectOf(request));
  }
}

function subjectOf(request: IncomingMessage): string {
  return principalOf(request)?.subject ?? '';
}
