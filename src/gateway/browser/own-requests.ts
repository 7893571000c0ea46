import { Injectable } from '@nestjs/common';
import type { IncomingMessage } from 'node:http';
import { ProblemError } from '../../lib/http/problem-error.js';
import { isCrossSite } from '../../platform/browser/cross-site.js';
import { ServerConfig } from '../../platform/config/server.config.js';
import { contextOf } from '../../platform/request/request-context.js';

/** Refuses forms of other pages on the routes that no guard looks at: nobody signs another person in or out. */
@Injectable()
export class OwnRequests {
  constructor(private readonly config: ServerConfig) {}

  /** @throws ProblemError for a request that may come from a page of another origin */
  require(request: IncomingMessage): void {
    const { secure } = contextOf(request);
    if (isCrossSite(request, 'cookie', { secure, trustedHops: this.config.trustedProxyHops }))
      throw new ProblemError('cross-site-request');
  }
}
