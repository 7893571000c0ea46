import { randomUUID } from 'node:crypto';
import type { RefusalRecord } from '../../contracts/usage/refusals.js';
import { clientNetwork } from '../../lib/network/client-network.js';
import { MINUTE_MS } from '../../lib/durations.js';
import type { RefusedRequest } from '../principal/refusal-feed.js';

/** Counts equal refusals per minute. Beyond `limit` different ones, all networks are counted together. */
export class RefusalCounts {
  private readonly counts = new Map<string, RefusalRecord>();

  constructor(private readonly limit: number) {}

  count({ reason, clientIp, keyPrefix, keyId, atMs }: RefusedRequest): void {
    const minute = new Date(Math.floor(atMs / MINUTE_MS) * MINUTE_MS).toISOString();
    const known = { key_prefix: keyPrefix ?? null, key_id: keyId ?? null };
    if (!this.add({ minute, reason, network: clientNetwork(clientIp), ...known }))
      this.add({ minute, reason, network: null, key_prefix: null, key_id: null }, true);
  }

  /** Takes out what was counted so far. */
  take(): RefusalRecord[] {
    const records = [...this.counts.values()];
    this.counts.clear();
    return records;
  }

  private add(kind: Omit<RefusalRecord, 'id' | 'count'>, always = false): boolean {
    const name = JSON.stringify(Object.values(kind));
    const known = this.counts.get(name);
    if (known) known.count++;
    else if (this.counts.size >= this.limit && !always) return false;
    else this.counts.set(name, { id: randomUUID(), ...kind, count: 1 });
    return true;
  }
}
