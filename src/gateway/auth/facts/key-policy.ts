import { AddressList } from '../../../lib/network/address-list.js';
import type { Clock } from '../../../platform/clock.js';
import type { KeyFacts } from '../../principal/key-facts.js';

/** What facts about a key mean for one request, now. Scopes are judged later, by what is asked for. */
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

// Facts never change, so neither do their lists; they go when the facts go.
const LISTS = new WeakMap<KeyFacts, AddressList>();

function addressesOf(facts: KeyFacts): AddressList {
  let list = LISTS.get(facts);
  if (!list) {
    list = new AddressList(facts.allowedIps ?? []);
    LISTS.set(facts, list);
  }
  return list;
}
