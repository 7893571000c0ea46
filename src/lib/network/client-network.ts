import { isIPv6 } from 'node:net';

/**
 * The networks around a client's address that are counted separately, smallest first: an IPv4 address and its /24; the
 * /64 of an IPv6 address, its /56 and its /48. Whoever has one IPv6 address has the 2^64 addresses of its /64, many
 * have a /56 or a /48, and customers of small hosting companies often have an IPv4 /24.
 */
export function clientNetworks(address: string): readonly [string, ...string[]] {
  if (!isIPv6(address)) {
    const v4 = /^(\d+\.\d+\.\d+)\.\d+$/.exec(address);
    return v4 ? [address, `${v4[1]}.0/24`] : [address];
  }
  const [a, b, c, d] = firstGroups(address) as [number, number, number, number];
  const site = `${hex(a)}:${hex(b)}:${hex(c)}`;
  return [`${site}:${hex(d)}::/64`, `${site}:${hex(d & 0xff00)}::/56`, `${site}::/48`];
}

/** The network that a refused key counts against first. */
export function clientNetwork(address: string): string {
  return clientNetworks(address)[0];
}

/** The largest network that counts as one party. */
export function widestNetwork(address: string): string {
  return clientNetworks(address).at(-1) as string;
}

const hex = (group: number): string => group.toString(16);

/** The first four groups of an IPv6 address. */
function firstGroups(address: string): number[] {
  const [bare = ''] = address.split('%');
  const [head = '', tail] = bare.split('::');
  const groups = head === '' ? [] : head.split(':');
  if (tail !== undefined) {
    const last = tail === '' ? [] : tail.split(':');
    // A dotted quad at the end stands for two groups.
    const width = last.length + (tail.includes('.') ? 1 : 0);
    while (groups.length + width < 8) groups.push('0');
    groups.push(...last);
  }
  return groups.slice(0, 4).map((group) => Number.parseInt(group, 16));
}
