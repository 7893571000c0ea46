import { isIPv6 } from 'node:net';

/**
 * The network that shares one count of refused keys: an IPv4 address itself, an IPv6 address by its
 * /64, since whoever has one IPv6 address has 2^64 of them.
 */
export function clientNetwork(address: string): string {
  if (!isIPv6(address)) return address;
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
  const prefix = groups.slice(0, 4).map((group) => Number.parseInt(group, 16).toString(16));
  return `${prefix.join(':')}::/64`;
}
