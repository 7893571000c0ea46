import { BlockList, isIP } from 'node:net';

/** One address or block of addresses. */
export interface Cidr {
  /** The address before the slash, IPv4-mapped IPv6 as IPv4. */
  readonly address: string;
  /** Leading bits that count. */
  readonly prefix: number;
  readonly family: 'ipv4' | 'ipv6';
}

const MAPPED = /^::ffff:(?=\d+\.\d+\.\d+\.\d+$)/i;
const MAPPED_BITS = 96;

/** Reads `192.0.2.1`, `192.0.2.0/24`, `2001:db8::/32`; undefined for anything else. */
export function parseCidr(text: string): Cidr | undefined {
  const [written = '', bits, ...more] = text.split('/');
  if (more.length > 0 || written.includes('%')) return undefined;
  const address = written.replace(MAPPED, '');
  const version = isIP(address);
  if (version === 0) return undefined;
  const width = version === 4 ? 32 : 128;
  if (bits !== undefined && !/^\d{1,3}$/.test(bits)) return undefined;
  const skipped = address === written ? 0 : MAPPED_BITS;
  const prefix = bits === undefined ? width : Number(bits) - skipped;
  if (prefix < 0 || prefix > width) return undefined;
  return { address, prefix, family: version === 4 ? 'ipv4' : 'ipv6' };
}

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
