import { BlockList, isIP } from 'node:net';
import { MAPPED, parseCidr } from './cidr.js';

/** A list of addresses and blocks; an empty one contains no address. */
export class AddressList {
  private readonly blocks = new BlockList();

  /** @param entries each as `parseCidr` reads it; what it does not read matches nothing */
  constructor(entries: readonly string[]) {
    for (const entry of entries) {
      const cidr = parseCidr(entry);
      if (cidr) this.blocks.addSubnet(cidr.address, cidr.prefix, cidr.family);
    }
  }

  /** @param address IPv4 or IPv6; anything else is in no list */
  contains(address: string): boolean {
    const plain = address.replace(/%.*$/, '').replace(MAPPED, '');
    const version = isIP(plain);
    return version !== 0 && this.blocks.check(plain, version === 4 ? 'ipv4' : 'ipv6');
  }
}
