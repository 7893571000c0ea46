import { clientIp, normalizeIp } from './client-ip.js';

describe('clientIp', () => {
  it.each([
    ['ignores the header without trusted hops', '192.0.2.9', '10.0.0.1', 0, '192.0.2.9'],
    ['takes the entry that the one proxy appended', '10.0.0.5', '1.1.1.1, 203.0.113.7', 1, '203.0.113.7'],
    [
      'never reads the entries left of the trusted ones',
      '10.0.0.5',
      '10.9.9.9, 203.0.113.7',
      1,
      '203.0.113.7',
    ],
    ['counts two proxies', '10.0.0.5', '6.6.6.6, 203.0.113.7, 10.0.0.4', 2, '203.0.113.7'],
    [
      'takes the leftmost where there are fewer entries than hops',
      '10.0.0.5',
      '203.0.113.7',
      3,
      '203.0.113.7',
    ],
    ['falls back to the peer on nonsense', '10.0.0.5', 'unknown', 1, '10.0.0.5'],
    ['falls back to the peer without a header', '10.0.0.5', undefined, 1, '10.0.0.5'],
    ['drops a port', '10.0.0.5', '203.0.113.7:5050', 1, '203.0.113.7'],
    ['drops a port behind brackets', '10.0.0.5', '[2001:DB8::1]:5050', 1, '2001:db8::1'],
    ['unmaps IPv4 in IPv6', '::ffff:192.0.2.9', undefined, 0, '192.0.2.9'],
  ])('%s', (_title, peer, header, hops, expected) => {
    expect(clientIp(peer, header, hops)).toBe(expected);
  });

  it('knows what is no address', () => {
    expect(normalizeIp('300.1.1.1')).toBeUndefined();
    expect(normalizeIp('')).toBeUndefined();
  });
});
