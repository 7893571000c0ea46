/**
 * Whether what is sent to a URL leaves this machine unencrypted: `http://` off loopback.
 *
 * @param url absolute
 */
export function sendsInTheClear(url: string): boolean {
  const { protocol, hostname } = new URL(url);
  if (protocol !== 'http:') return false;
  return !(
    hostname === 'localhost' ||
    hostname.endsWith('.localhost') ||
    hostname === '[::1]' ||
    /^127\.\d+\.\d+\.\d+$/.test(hostname)
  );
}
