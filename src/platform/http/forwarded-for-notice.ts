import type { IncomingMessage } from 'node:http';
import type { Logger } from '../logging/logger.js';

/**
 * Says once that `X-Forwarded-For` comes in while no proxy is trusted: behind a load balancer every
 * client then has the balancer's address, and limits and allow-lists per address hit all of them at once.
 */
export class ForwardedForNotice {
  private due: boolean;

  constructor(
    trustedProxyHops: number,
    private readonly logger: Logger,
  ) {
    this.due = trustedProxyHops === 0;
  }

  look(request: IncomingMessage): void {
    if (!this.due || request.headers['x-forwarded-for'] === undefined) return;
    this.due = false;
    this.logger.warn('forwarded_for_ignored', {
      message:
        'X-Forwarded-For came in, but TRUSTED_PROXY_HOPS is 0: clients are known by the address of their ' +
        'connection. Behind a load balancer set TRUSTED_PROXY_HOPS=1.',
    });
  }
}
