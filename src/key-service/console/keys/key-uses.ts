import { Injectable } from '@nestjs/common';
import type { KeyResource } from '../../../contracts/keys/key-management.js';
import { UsageService } from '../../usage/usage.service.js';

/** When a key was last used, and from which address if that is known. */
export interface LastUse {
  /** RFC 3339 in UTC. */
  readonly at: string;
  readonly address: string | null;
}

/**
 * The last use of keys: by their usage or by `last_used_at`, whichever is later. Neither is complete: a validation notes
 * no address, and usage of a gateway arrives in batches.
 */
@Injectable()
export class KeyUses {
  constructor(private readonly usage: UsageService) {}

  /** By key id; keys that were never used are missing. */
  async of(keys: readonly Pick<KeyResource, 'key_id' | 'last_used_at'>[]): Promise<Map<string, LastUse>> {
    const addresses = await this.usage.lastAddresses(keys.map(({ key_id }) => key_id));
    const uses = new Map<string, LastUse>();
    for (const { key_id, last_used_at } of keys) {
      const known = addresses.get(key_id);
      const at = later(last_used_at, known?.at ?? null);
      if (at !== null) uses.set(key_id, { at, address: known?.address ?? null });
    }
    return uses;
  }
}

function later(a: string | null, b: string | null): string | null {
  return a === null || (b !== null && b > a) ? b : a;
}
