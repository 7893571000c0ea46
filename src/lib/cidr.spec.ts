import { AddressList, parseCidr } from './cidr.js';

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

describe('a list contains', () => {
  const list = new AddressList(['192.0.2.0/24', '198.51.100.7', '2001:db8::/32', '2001:DB9::1']);

  it.each([
    ['192.0.2.0', true],
    ['192.0.2.255', true],
    ['192.0.3.0', false],
    ['198.51.100.7', true],
    ['198.51.100.8', false],
    ['2001:db8:ffff::1', true],
    ['2001:db9::1', true],
    ['2001:db9::2', false],
    ['::ffff:192.0.2.9', true],
    ['', false],
    ['not an address', false],
  ])('%s: %s', (address, expected) => expect(list.contains(address)).toBe(expected));

  it('no address when it is empty, and nothing for an entry that cannot be read', () => {
    expect(new AddressList([]).contains('192.0.2.1')).toBe(false);
    expect(new AddressList(['nonsense']).contains('192.0.2.1')).toBe(false);
  });
});
