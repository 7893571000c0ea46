import { parseCidr } from '../../lib/network/cidr.js';
import { Env } from '../../platform/config/env.js';

/** Decisions for proxies that forward to MLflow themselves; off unless there is one. */
export class AuthzConfig {
  @Env('AUTHZ_TRUSTED_PEERS', {
    kind: 'list',
    about:
      'Addresses and CIDR blocks of proxies that may ask at /authz whether a request may go to MLflow, separated by commas; unset: there is no /authz',
  })
  trustedPeers: string[] = [];

  check(): string[] {
    const wrong = this.trustedPeers.filter((peer) => parseCidr(peer) === undefined);
    return wrong.length === 0
      ? []
      : [`AUTHZ_TRUSTED_PEERS must hold addresses or CIDR blocks only: ${wrong.join(', ')}`];
  }
}
