import { AddressList } from '../../../lib/network/address-list.js';
import type { Clock } from '../../../platform/clock.js';
import type { KeyFacts } from '../../principal/key-facts.js';

/**
 * Decides from the facts of a key whether it is valid for one request now. Scopes are checked later, for the call that
 * is requested.
 */
export type KeyVerdict = 'allowed' | 'expired' | 'other-service' | 'address-not-allowed';

/** What of a request a verdict depends on. */
export interface KeyUse {
  readonly clientIp: string;
  readonly serviceId: string;
  /** Asked only about keys that expire. */
  readonly clock: Pick<Clock, 'now'>;
}

/** Taken on every request: a verdict is never cached. */
export function judgeKey(facts: KeyFacts, use: KeyUse): KeyVerdict {
  if (facts.expiresAtMs !== null && facts.expiresAtMs <= use.clock.now()) return 'expired';
  if (!isForService(facts, use.serviceId)) return 'other-service';
  if (facts.allowedIps !== null && !addressesOf(facts).contains(use.clientIp)) return 'address-not-allowed';
  return 'allowed';
}

function isForService({ serviceId, serviceIds }: KeyFacts, wanted: string): boolean {
  if (serviceIds !== null) return serviceIds.includes(wanted);
  return serviceId === null || serviceId === wanted;
}

// Facts never change, so the lists that are made from them are kept as long as the facts.
const LISTS = new WeakMap<KeyFacts, AddressList>();

function addressesOf(facts: KeyFacts): AddressList {
  let list = LISTS.get(facts);
  if (!list) {
    list = new AddressList(facts.allowedIps ?? []);
    LISTS.set(facts, list);
  }
  return list;
}
