import { ipVersion } from './ip-version.js';

/** One address or block of addresses. */
export interface Cidr {
  /** The address before the slash, IPv4-mapped IPv6 as IPv4. */
  readonly address: string;
  /** Leading bits that count. */
  readonly prefix: number;
  readonly family: 'ipv4' | 'ipv6';
}

/** An IPv4 address written as IPv6 (RFC 4291, 2.5.5.2). */
export const MAPPED = /^::ffff:(?=\d+\.\d+\.\d+\.\d+$)/i;
const MAPPED_BITS = 96;

/** Reads `192.0.2.1`, `192.0.2.0/24`, `2001:db8::/32`; undefined for anything else. */
export function parseCidr(text: string): Cidr | undefined {
  const [written = '', bits, ...more] = text.split('/');
  if (more.length > 0 || written.includes('%')) return undefined;
  const address = written.replace(MAPPED, '');
  const version = ipVersion(address);
  if (version === 0) return undefined;
  const width = version === 4 ? 32 : 128;
  if (bits !== undefined && !/^\d{1,3}$/.test(bits)) return undefined;
  const skipped = address === written ? 0 : MAPPED_BITS;
  const prefix = bits === undefined ? width : Number(bits) - skipped;
  if (prefix < 0 || prefix > width) return undefined;
  return { address, prefix, family: version === 4 ? 'ipv4' : 'ipv6' };
}
