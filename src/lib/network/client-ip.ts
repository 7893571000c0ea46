import { isIP } from 'node:net';

/**
 * The address of the client after `trustedHops` proxies, each of which appended the peer it saw to `X-Forwarded-For`.
 * Entries to the left of those come from the client itself and are never used.
 *
 * @param peer address of the socket's other end
 * @param forwardedFor the header's value, several headers joined by commas
 * @param trustedHops number of proxies in front (1 behind an ALB); 0 ignores the header
 */
export function clientIp(peer: string, forwardedFor: string | undefined, trustedHops: number): string {
  const own = normalizeIp(peer) ?? peer;
  if (trustedHops === 0 || !forwardedFor) return own;
  const entries = forwardedFor.split(',');
  const entry = entries[Math.max(0, entries.length - trustedHops)];
  return (entry && normalizeIp(stripPort(entry.trim()))) ?? own;
}

/** Lower case, IPv4-mapped IPv6 as IPv4; undefined for what is not an address. */
export function normalizeIp(address: string): string | undefined {
  const unmapped = address.replace(/^::ffff:(?=\d+\.\d+\.\d+\.\d+$)/i, '');
  if (isIP(unmapped) === 0) return undefined;
  return unmapped.toLowerCase();
}

/** Some proxies append the port: `192.0.2.1:5000`, `[2001:db8::1]:5000`. */
function stripPort(entry: string): string {
  const bracketed = /^\[([^\]]+)\](?::\d+)?$/.exec(entry);
  if (bracketed) return bracketed[1] as string;
  const v4 = /^(\d+\.\d+\.\d+\.\d+):\d+$/.exec(entry);
  return v4 ? (v4[1] as string) : entry;
}
