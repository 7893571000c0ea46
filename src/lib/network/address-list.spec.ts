import { AddressList } from './address-list.js';

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
