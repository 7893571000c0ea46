import type { IncomingMessage } from 'node:http';
import type { Logger } from '../logging/logger.js';
import { isAskedDirectly, type EarlyRules } from './early-refusals.js';

/**
 * Logs once, for each of two cases, that `X-Forwarded-For` and `TRUSTED_PROXY_HOPS` do not match. If no proxy is
 * trusted, all clients behind a load balancer have its address, so limits and allow-lists per address apply to all of
 * them together. If proxies are trusted and a request names fewer addresses, it bypassed them, and its address is that
 * of its connection.
 */
export class ForwardedForNotice {
  private ignoredDue: boolean;
  private missingDue: boolean;

  constructor(
    private readonly trustedProxyHops: number,
    private readonly logger: Logger,
    private readonly rules: EarlyRules = {},
  ) {
    this.ignoredDue = trustedProxyHops === 0;
    this.missingDue = trustedProxyHops > 0;
  }

  /** @param path judged path of the request */
  look(request: IncomingMessage, path: string): void {
    const header = request.headers['x-forwarded-for'] as string | undefined;
    if (this.ignoredDue && header !== undefined) {
      this.ignoredDue = false;
      this.logger.warn('forwarded_for_ignored', {
        message:
          'X-Forwarded-For came in, but TRUSTED_PROXY_HOPS is 0: clients are known by the address of their ' +
          'connection. Behind a load balancer set TRUSTED_PROXY_HOPS=1.',
      });
    }
    if (!this.missingDue || (header?.split(',').length ?? 0) >= this.trustedProxyHops) return;
    if (isAskedDirectly(request, path, this.rules)) return;
    this.missingDue = false;
    this.logger.warn('forwarded_for_missing', {
      peer: request.socket.remoteAddress ?? null,
      message:
        `A request named fewer addresses in X-Forwarded-For than the ${this.trustedProxyHops} of ` +
        'TRUSTED_PROXY_HOPS: its client is known by an address that may be a proxy of yours. Let nothing but the ' +
        'proxies reach this server, or correct TRUSTED_PROXY_HOPS.',
    });
  }
}
