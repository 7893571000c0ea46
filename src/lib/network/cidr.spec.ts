import { parseCidr } from './cidr.js';

describe('an address or block is read', () => {
  it.each([
    ['192.0.2.1', '192.0.2.1', 32, 'ipv4'],
    ['192.0.2.0/24', '192.0.2.0', 24, 'ipv4'],
    ['0.0.0.0/0', '0.0.0.0', 0, 'ipv4'],
    ['2001:db8::/32', '2001:db8::', 32, 'ipv6'],
    ['2001:db8::1', '2001:db8::1', 128, 'ipv6'],
    ['::/0', '::', 0, 'ipv6'],
    ['::ffff:10.0.0.0/104', '10.0.0.0', 8, 'ipv4'],
  ])('%s', (text, address, prefix, family) => {
    expect(parseCidr(text)).toEqual({ address, prefix, family });
  });

  it.each([
    '',
    'host.example',
    '192.0.2',
    '192.0.2.1/33',
    '192.0.2.1/',
    '192.0.2.1/-1',
    '192.0.2.1/2.0',
    '192.0.2.1/24/24',
    '2001:db8::/129',
    'fe80::1%eth0',
    '::ffff:10.0.0.0/8',
    ' 192.0.2.1',
    '192.0.2.1 ',
    '010.0.0.1',
  ])('but not %j', (text) => expect(parseCidr(text)).toBeUndefined());
});
